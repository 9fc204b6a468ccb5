"use strict";

// Redoc's menu shows a logo from its maker's host. This page asks no other host for anything.
const setAttribute = Element.prototype.setAttribute;
HTMLImageElement.prototype.setAttribute = function (name, value) {
  const isForeign = name === "src" && !value.startsWith("data:") && new URL(value, location).origin !== location.origin;
  if (!isForeign) {
    setAttribute.call(this, name, value);
  }
};

const container = document.getElementById("redoc");
Redoc.init(
  container.dataset.schema,
  { theme: { typography: { fontFamily: "sans-serif", headings: { fontFamily: "sans-serif" } } } },
  container,
);
