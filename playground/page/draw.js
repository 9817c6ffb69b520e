"use strict";
// Pictures, element by element.
const Draw = {
  svg(name, attributes = {}, ...children) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) if (attributes[key] !== null) element.setAttribute(key, attributes[key]);
    element.append(...children);
    return element;
  },
  html(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    element.append(...children);
    return element;
  },
  number(x) {
    if (x === null || x === undefined || !Number.isFinite(x)) return "not a number";
    const size = Math.abs(x);
    return (size !== 0 && (size < 1e-3 || size >= 1e5) ? x.toExponential(2) : x.toFixed(3)).replace("-", "−");
  },
};
