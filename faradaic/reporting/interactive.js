"use strict";
(() => {
  const block = document.getElementById("plots");
  // The page allows styles that carry its nonce: those that BokehJS makes get it.
  for (const name of ["createElement", "createElementNS"]) {
    const create = document[name].bind(document);
    document[name] = (...what) => {
      const element = create(...what);
      if (element.localName === "style") element.nonce = block.nonce;
      return element;
    };
  }
  document.addEventListener("DOMContentLoaded", () => {
    Bokeh.embed.embed_item(JSON.parse(block.textContent));
  });
})();
