"""Addresses of groups, below `/api/v1/`."""

from rest_framework.routers import SimpleRouter

from groups.views import GroupViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("groups", GroupViewSet, basename="group")

urlpatterns = router.urls
