"use strict";

/* What scrolls can be reached, and scrolled, with the keyboard. */
function makeScrollableReachable() {
  for (const box of document.querySelectorAll("pre, .table-wrapper, .output_html")) {
    const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
    box.toggleAttribute("tabindex", false);
    if (scrolls) box.tabIndex = 0;
  }
}

/* Sphinx writes the parameters of a signature as a list of definitions without terms. */
function markSignaturesAsPresentation() {
  for (const part of document.querySelectorAll("dt.sig dl, dt.sig dd")) {
    part.setAttribute("role", "presentation");
  }
}

addEventListener("DOMContentLoaded", markSignaturesAsPresentation);
addEventListener("load", makeScrollableReachable);
addEventListener("resize", makeScrollableReachable);
