"""Addresses of check-ins, below `/api/v1/`."""

from rest_framework.routers import SimpleRouter

from checkins.views import CheckInViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("checkins", CheckInViewSet, basename="check-in")

urlpatterns = router.urls
