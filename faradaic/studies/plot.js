"use strict";
(() => {
  const plots = JSON.parse(document.getElementById("plots").textContent);
  const select = document.getElementById("which");
  const host = document.getElementById("plot");
  let shown = null;

  const axis = (label, side, scale) => ({
    label, scale, side, grid: { show: side !== 1, stroke: "#eeeeee", width: 1 },
    ticks: { width: 1 }, size: 60, font: "12px sans-serif", labelFont: "13px sans-serif",
  });

  function series(curve) {
    const points = curve.style === "points";
    return {
      label: curve.label,
      scale: curve.right ? "right" : "y",
      stroke: curve.colour,
      width: points ? 0 : 1.5,
      dash: curve.style === "dashed" ? [6, 4] : undefined,
      paths: points ? () => null : undefined,
      points: { show: points, size: 6, fill: curve.open ? "#ffffff" : curve.colour },
      spanGaps: false,
      value: (_, v) => (v == null ? "–" : Number(v.toPrecision(4)).toString()),
    };
  }

  function draw(plot) {
    if (shown) shown.destroy();
    const right = plot.curves.some((c) => c.right);
    shown = new uPlot(
      {
        width: host.clientWidth,
        height: 420,
        scales: { x: { time: false }, y: { distr: plot.log ? 3 : 1 }, right: {} },
        axes: [
          axis(plot.x, 2, "x"),
          axis(plot.y, 3, "y"),
          ...(right ? [axis(plot.right, 1, "right")] : []),
        ],
        series: [
          { label: plot.x, value: (_, v) => (v == null ? "–" : Number(v.toPrecision(5)).toString()) },
          ...plot.curves.map(series),
        ],
      },
      plot.curves.length > 1
        ? uPlot.join(plot.curves.map((c) => [c.x, c.y]))
        : [plot.curves[0].x, plot.curves[0].y],
      host,
    );
    host.dataset.shown = plot.title;
  }

  plots.forEach((plot, number) => select.add(new Option(plot.title, number)));
  select.addEventListener("change", () => draw(plots[select.value]));
  window.addEventListener("resize", () => shown.setSize({ width: host.clientWidth, height: 420 }));
  draw(plots[0]);
})();
