/* charts.js - the charts of a report, drawn by Vega from the tables in the page.
 *
 * One rule for all of them: the level of the first factor has a colour and a mark, the levels of
 * the other factors have a panel. Colours are the page's own (var(--c0), ...), so that charts follow
 * it from light to dark and onto paper without being drawn anew. */
"use strict";

(function () {
    const page = JSON.parse(document.getElementById("data").textContent);
    const tables = page.tables;

    /* ---- arms, measures ------------------------------------------------------------------- */

    const SHAPES = ["circle", "square", "diamond", "triangle-up", "cross", "triangle-down",
                    "triangle-right", "triangle-left"];
    const GLYPHS = ["\u25cf", "\u25a0", "\u25c6", "\u25b2", "\u271a", "\u25bc", "\u25b6", "\u25c0"];
    const DASHES = [[1, 0], [7, 3], [2, 2], [8, 3, 2, 3], [4, 4], [12, 3], [1, 3], [6, 2, 1, 2]];
    const at = (list, index) => list[index % list.length];
    const colour = (series) => "var(--c" + (series % 8) + ")";
    const shape = (series) => series + Math.floor(series / 8); /* a colour's second turn has another mark */

    const first = [...new Set(page.cells.map((cell) => cell.levels[0]))];
    const others = page.factors.slice(1);
    const arms = new Map(page.cells.map((cell) => [cell.name, {
        label: cell.levels.join(" \u00b7 ") || cell.name,
        series: first.indexOf(cell.levels[0]),
        panel: cell.levels.slice(1).map((level, i) => others[i] + " = " + level).join(", "),
        baseline: cell.name === page.baseline,
    }]));

    const measures = new Map(page.measures.map((kind) => [kind.name, kind]));
    const plain = {factor: 1, decimals: 4, unit: "", difference_unit: ""};
    const kindOf = (name) => measures.get(name) || {...plain, title: name.replaceAll("_", " ")};
    const withUnit = (title, unit) => (unit ? title + ", " + unit : title);
    const text = (value, decimals) =>
        value === null ? "\u2013" : value.toFixed(decimals).replace("-", "\u2212");
    const times = (value, factor) => (value === null ? null : value * factor);

    /* ---- how all charts look -------------------------------------------------------------- */

    const FONT = "system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', Roboto, sans-serif";
    const config = {
        font: FONT,
        axis: {
            labelFont: FONT, titleFont: FONT, labelFontSize: 11, titleFontSize: 11.5,
            titleFontWeight: "normal", labelColor: "var(--muted)", titleColor: "var(--ink)",
            domainColor: "var(--axis)", tickColor: "var(--axis)", gridColor: "var(--grid)",
            titlePadding: 7, labelPadding: 4, tickSize: 4, labelOverlap: "greedy",
        },
        title: {font: FONT, fontSize: 12, fontWeight: 600, color: "var(--ink)", anchor: "start", offset: 8},
    };
    const faces = {
        stroke: {scale: "colour", field: "series"}, fill: {scale: "colour", field: "series"},
        shape: {scale: "shape", field: "series"},
    };
    const seriesScales = () => {
        const domain = first.map((_, i) => i);
        return [
            {name: "colour", type: "ordinal", domain, range: domain.map(colour)},
            {name: "shape", type: "ordinal", domain, range: domain.map((i) => at(SHAPES, shape(i)))},
            {name: "dash", type: "ordinal", domain, range: domain.map((i) => at(DASHES, i))},
        ];
    };

    const unique = (rows, key) => [...new Set(rows.map((row) => row[key]))];

    /* A panel for each value of "panel", side by side as far as there is room. */
    function smallMultiples(rows, size, inner) {
        return {
            data: [{name: "rows", values: rows}],
            scales: [...seriesScales(), ...(inner.shared || [])],
            layout: {columns: size.columns, padding: {column: 22, row: 26}, bounds: "full", align: "each"},
            marks: [{
                type: "group",
                from: {facet: {name: "panel", data: "rows", groupby: "panel"}},
                title: unique(rows, "panel").some(Boolean) ? {text: {signal: "parent.panel"}, frame: "group"} : undefined,
                encode: {update: {width: {value: size.width}, height: {value: size.height}}},
                scales: inner.scales, axes: inner.axes, data: inner.data, marks: inner.marks,
            }],
        };
    }

    const numberAxis = (orient, title, more) =>
        ({orient, scale: orient === "bottom" ? "x" : "y", title, grid: orient === "left",
          gridScale: orient === "bottom" ? "y" : "x", tickCount: 5, ...more});

    /* ---- lines with bands: y over x -------------------------------------------------------- */

    function lineChart(rows, options) {
        /* Over levels, neighbours stand beside one another instead of one on the other. */
        const x = {scale: "x", field: "x"};
        if (options.levels) x.offset = {signal: "10 * (datum.series - " + (first.length - 1) / 2 + ")"};
        return (size) => smallMultiples(rows, {...size, height: options.height || 210}, {
            shared: [
                {name: "x", type: options.levels ? "point" : "linear", padding: options.levels ? 0.5 : 0, zero: false,
                 domain: options.levels ? unique(rows, "x") : {data: "rows", field: "x"}, range: [0, size.width]},
                {name: "y", type: "linear", zero: false, nice: true, range: [options.height || 210, 0],
                 domain: {data: "rows", fields: ["low", "high", "y"]}},
            ],
            axes: [
                numberAxis("bottom", options.x, options.ticks ? {values: options.ticks, format: ".6~r"} : {}),
                numberAxis("left", options.y),
            ],
            marks: [{
                type: "group",
                from: {facet: {name: "one", data: "panel", groupby: "series"}},
                marks: [
                    {type: "area", from: {data: "one"}, encode: {update: {
                        x, y: {scale: "y", field: "low"}, y2: {scale: "y", field: "high"},
                        fill: faces.fill, fillOpacity: {value: options.levels ? 0 : first.length > 4 ? 0.08 : 0.16}}}},
                    {type: "line", from: {data: "one"}, encode: {update: {
                        x, y: {scale: "y", field: "y"}, stroke: faces.stroke,
                        strokeDash: {scale: "dash", field: "series"}, strokeWidth: {value: 1.8}}}},
                    {type: "rule", from: {data: "one"}, encode: {update: {
                        x, y: {scale: "y", field: "low"}, y2: {scale: "y", field: "high"},
                        stroke: faces.stroke, strokeWidth: {value: options.levels ? 1.4 : 0}}}},
                    {type: "symbol", from: {data: "one"}, encode: {update: {
                        x, y: {scale: "y", field: "y"}, ...faces, size: {value: 34},
                        tooltip: {field: "tip"}}}},
                ],
            }],
        });
    }

    /* ---- a point with an interval for each arm --------------------------------------------- */

    function intervalChart(rows, options) {
        const names = unique(rows, "label");
        return (size) => {
            const narrow = size.room < 400, step = narrow ? 42 : 27, height = names.length * step;
            const seeds = options.seeds || [];
            const spec = smallMultiples(rows, {...size, height}, {
                scales: [
                    {name: "x", type: "linear", zero: options.zero === true, nice: true, padding: 10, range: [0, {signal: String(size.width)}],
                     domain: {data: "panel", fields: ["low", "high", "y", "least", "most"]}},
                    {name: "y", type: "band", domain: names, range: [0, height]},
                ],
                axes: [
                    {orient: "bottom", scale: "x", title: options.title || {signal: "parent.title"}, grid: true, gridScale: "y", tickCount: narrow ? 4 : 6},
                    {orient: "left", scale: "y", labels: !narrow, labelOverlap: false, ticks: false, domain: false, labelLimit: 0.32 * size.room,
                     encode: {labels: {update: {fill: {value: "var(--ink)"}}}}},
                ],
                marks: [
                    ...(options.zero ? [{type: "rule", encode: {update: {
                        x: {scale: "x", value: 0}, y: {value: 0}, y2: {value: height},
                        stroke: {value: "var(--ink)"}, strokeOpacity: {value: 0.7}}}}] : []),
                    {type: "symbol", from: {data: "seeds"}, encode: {update: {
                        x: {scale: "x", field: "y"}, y: {scale: "y", field: "label", band: narrow ? 0.74 : 0.5},
                        stroke: faces.stroke, fill: {value: "transparent"}, size: {value: 34}, strokeOpacity: {value: 0.85},
                        tooltip: {field: "tip"}}}},
                    {type: "rule", from: {data: "panel"}, encode: {update: {
                        x: {scale: "x", field: "low"}, x2: {scale: "x", field: "high"},
                        y: {scale: "y", field: "label", band: narrow ? 0.74 : 0.5}, stroke: faces.stroke, strokeWidth: {value: 2}}}},
                    {type: "symbol", from: {data: "panel"}, encode: {update: {
                        x: {scale: "x", field: "y"}, y: {scale: "y", field: "label", band: narrow ? 0.74 : 0.5},
                        ...faces, fill: {signal: "datum.hollow ? 'var(--paper)' : scale('colour', datum.series)"},
                        strokeWidth: {value: 1.8}, size: {value: 70}, tooltip: {field: "tip"}}}},
                    {type: "text", from: {data: "panel"}, encode: {update: {
                        x: {value: 0}, y: {scale: "y", field: "label", band: 0.34}, text: {field: "label"},
                        baseline: {value: "middle"}, font: {value: FONT}, fontSize: {value: 11}, fill: {value: "var(--ink)"},
                        fillOpacity: {value: narrow ? 1 : 0}}}},
                ],
            });
            spec.data.push({name: "seeds", values: seeds});
            return spec;
        };
    }

    /* ---- y against x, both of an arm -------------------------------------------------------- */

    function scatterChart(rows, options) {
        return (size) => smallMultiples(rows, {...size, height: 250}, {
            shared: [{name: "y", type: "linear", zero: false, nice: true, range: [250, 0],
                      domain: {data: "rows", fields: ["low", "high", "y"]}}],
            scales: [{name: "x", type: options.log ? "log" : "linear", zero: false, nice: !options.log, padding: options.log ? 0 : 24,
                      range: [0, size.width], domain: {data: "panel", fields: ["x", "xlow", "xhigh", "xfrom", "xto"]}}],
            axes: [
                {orient: "bottom", scale: "x", title: options.x || {signal: "parent.panel"}, grid: true, gridScale: "y", tickCount: 5,
                 format: options.log ? "~s" : undefined},
                numberAxis("left", options.y),
            ],
            marks: [
                {type: "rule", from: {data: "panel"}, encode: {update: {
                    x: {scale: "x", field: "x"}, y: {scale: "y", field: "low"}, y2: {scale: "y", field: "high"},
                    stroke: faces.stroke, strokeWidth: {value: 1.5}, strokeOpacity: {value: 0.8}}}},
                {type: "rule", from: {data: "panel"}, encode: {update: {
                    x: {scale: "x", field: "xlow"}, x2: {scale: "x", field: "xhigh"}, y: {scale: "y", field: "y"},
                    stroke: faces.stroke, strokeWidth: {value: 1.5}, strokeOpacity: {value: 0.8}}}},
                {type: "symbol", from: {data: "panel"}, encode: {update: {
                    x: {scale: "x", field: "x"}, y: {scale: "y", field: "y"}, ...faces,
                    fill: {signal: "datum.hollow ? 'var(--paper)' : scale('colour', datum.series)"},
                    strokeWidth: {value: 1.8}, size: {value: 80}, tooltip: {field: "tip"}}}},
            ],
        });
    }

    /* ---- from tables to rows ---------------------------------------------------------------- */

    /* A number of an arm by something, with the least and most of its runs. */
    function spreadRow(row, kind, x, what, panel) {
        const arm = arms.get(row.arm), y = times(row.mean, kind.factor);
        return {
            ...arm, x, y, low: times(row.least, kind.factor), high: times(row.most, kind.factor),
            panel: [panel, arm.panel].filter(Boolean).join("; "),
            tip: arm.label + ", " + what + ": " + text(y, kind.decimals) + " (" + row.n + " runs)",
        };
    }

    function meanRow(row, kind) {
        const arm = arms.get(row.arm), y = times(row.mean, kind.factor);
        const low = times(row.low, kind.factor), high = times(row.high, kind.factor);
        return {
            ...arm, label: arm.label + (arm.baseline ? " (baseline)" : ""), y, low: low ?? y, high: high ?? y,
            tip: arm.label + ": " + text(y, kind.decimals) + " [" + text(low, kind.decimals) + ", " + text(high, kind.decimals) + "]",
        };
    }

    const meansOf = (name) => (tables.means || []).filter((row) => row.measure === name && arms.has(row.arm));
    const table = (name) => (tables[name] || []).filter((row) => arms.has(row.arm));

    /* ---- the charts of the page -------------------------------------------------------------- */

    const charts = [];
    function chart(id, rows, build, columns) {
        const host = document.getElementById(id);
        if (!host) return;
        if (rows.length === 0) host.hidden = true;
        else charts.push({host, build, panels: unique(rows, "panel").length, columns: columns || 3});
    }

    function drawMeans() {
        const kind = kindOf("test_accuracy");
        const rows = meansOf("test_accuracy").map((row) => ({...meanRow(row, kind), panel: ""}));
        const seeds = table("seeds").filter((row) => row.test_accuracy !== null).map((row) => {
            const arm = arms.get(row.arm), y = row.test_accuracy * kind.factor;
            return {series: arm.series, label: arm.label + (arm.baseline ? " (baseline)" : ""), y,
                    tip: arm.label + ", seed " + row.seed + ": " + text(y, kind.decimals)};
        });
        for (const row of rows) {
            const own = seeds.filter((seed) => seed.label === row.label).map((seed) => seed.y);
            row.least = Math.min(row.low, ...own);
            row.most = Math.max(row.high, ...own);
        }
        chart("chart-means", rows, intervalChart(rows, {title: withUnit(kind.title, kind.unit), seeds}), 1);
    }

    function drawCurves() {
        for (const name of ["test_accuracy", "train_accuracy", "test_loss", "train_loss"]) {
            const kind = kindOf(name);
            const rows = table("curves").filter((row) => row.measure === name)
                .map((row) => spreadRow(row, kind, row.epoch, "epoch " + row.epoch));
            const epochs = Math.max(0, ...rows.map((row) => row.x));
            chart("chart-curves-" + name, rows, lineChart(rows, {
                x: "Epoch", y: withUnit(kind.title, kind.unit),
                ticks: epochs <= 12 ? unique(rows, "x") : undefined,
            }));
        }
    }

    function differenceRows(names) {
        return table("differences").filter((row) => names(row.measure)).map((row) => {
            const kind = kindOf(row.measure), unit = kind.difference_unit;
            return {...meanRow(row, kind), least: 0, most: 0, hollow: !row.decided,
                    panel: kind.title, title: withUnit("Difference", unit)};
        });
    }

    function drawDifferences() {
        const main = differenceRows((name) => name === "test_accuracy").map((row) => ({...row, panel: ""}));
        const rest = differenceRows((name) => name !== "test_accuracy");
        chart("chart-differences", main,
              intervalChart(main, {zero: true, title: "Difference in test accuracy from the baseline, points"}), 1);
        chart("chart-differences-other", rest, intervalChart(rest, {zero: true}), 2);
    }

    function drawShift() {
        for (const name of ["accuracy", "consistency"]) {
            const kind = kindOf(name === "accuracy" ? "test_accuracy" : "shift_consistency");
            const rows = table("shift").filter((row) => row.measure === name).map((row) =>
                spreadRow(row, kind, row.pixels, row.pixels + " pixels", "fill: " + row.fill));
            chart("chart-shift-" + name, rows, lineChart(rows, {
                x: "Shift, pixels", y: name === "accuracy" ? "Accuracy, %" : "Same answer, %",
                ticks: unique(rows, "x"), height: 180,
            }));
        }
    }

    function drawConsistency() {
        const kind = kindOf("shift_consistency"), accuracy = kindOf("test_accuracy");
        const rows = meansOf("shift_consistency").map((row) => {
            const other = meansOf("test_accuracy").find((mean) => mean.arm === row.arm) || {mean: null, low: null, high: null};
            const shown = meanRow(row, kind), x = times(other.mean, accuracy.factor);
            return {...shown, x, xlow: times(other.low, accuracy.factor) ?? x, xhigh: times(other.high, accuracy.factor) ?? x,
                    tip: shown.tip + ", accuracy " + text(x, 2)};
        }).filter((row) => row.x !== null);
        chart("chart-consistency", rows,
              scatterChart(rows, {x: withUnit(accuracy.title, "%"), y: withUnit(kind.title, "%")}), 2);
    }

    function drawRobustness() {
        const titles = {rotation: "Rotation, degrees", scale: "Scale factor", noise: "Noise, standard deviation (pixels in 0 to 1)",
                        blur: "Blur, standard deviation in pixels"};
        const kind = kindOf("test_accuracy");
        for (const name of Object.keys(titles)) {
            const rows = table("robustness").filter((row) => row.kind === name)
                .map((row) => spreadRow(row, kind, row.amount, name + " " + row.amount)).sort((a, b) => a.x - b.x);
            chart("chart-" + name, rows, lineChart(rows, {x: titles[name], y: "Accuracy, %", ticks: unique(rows, "x"), height: 180}));
        }
    }

    function drawCost() {
        const kind = kindOf("test_accuracy"), titles = {parameters: "Parameters", multiply_adds: "Multiply-adds an image"};
        const rows = [];
        for (const name of Object.keys(titles))
            for (const row of table("cost")) {
                const mean = meansOf("test_accuracy").find((one) => one.arm === row.arm);
                if (!mean || !(row[name] > 0)) continue;
                const shown = meanRow(mean, kind);
                /* Room about equal costs too, or there would be no scale to read them on. */
                rows.push({...shown, x: row[name], xlow: row[name], xhigh: row[name], xfrom: row[name] / 1.6,
                           xto: row[name] * 1.6, panel: titles[name],
                           tip: shown.tip + ", " + row[name].toLocaleString("en") + " " + titles[name].toLowerCase()});
            }
        chart("chart-cost", rows, scatterChart(rows, {log: true, y: withUnit(kind.title, kind.unit)}), 2);
    }

    function drawInteraction() {
        const kind = kindOf("test_accuracy");
        let rows = meansOf("test_accuracy").map((row) => meanRow(row, kind));
        rows = rows.map((row) => ({...row, x: row.panel, panel: ""}));
        if (unique(rows, "x").length < 2) rows = [];
        chart("chart-interaction", rows, lineChart(rows, {levels: true, x: others.join(", "), y: withUnit(kind.title, kind.unit)}), 1);
    }

    /* ---- drawing ------------------------------------------------------------------------------ */

    const {transforms} = lidoModules["vega-dataflow"];
    for (const more of ["vega-transforms", "vega-view-transforms", "vega-encode"])
        Object.assign(transforms, lidoModules[more]);
    const {parse} = lidoModules["vega-parser"], {View} = lidoModules["vega-view"];
    const {expressionInterpreter} = lidoModules["vega-interpreter"];

    async function run(spec, host) {
        const runtime = parse({...spec, padding: {left: 2, right: 6, top: 2, bottom: 2}, description: host.dataset.label}, config, {ast: true});
        const view = new View(runtime, {renderer: "svg", container: host, hover: true, expr: expressionInterpreter});
        await view.runAsync();
        return view;
    }

    /* How wide axes and their labels come out is known once drawn: then drawn again to fit. */
    async function draw(one) {
        const plot = one.host.querySelector(".plot"), room = plot.clientWidth;
        const columns = Math.max(1, Math.min(one.panels, one.columns, Math.floor(room / 270)));
        let width = Math.floor(room / columns) - 80;
        plot.dataset.label = one.host.dataset.label;
        if (one.view) one.view.finalize();
        for (let attempt = 0; attempt < 3; attempt++) {
            const spec = one.build({width: Math.max(60, width), columns, room: room / columns});
            one.view = await run(spec, plot);
            const spare = room - Number(plot.querySelector("svg").getAttribute("width"));
            if (spare >= 0 && spare < 4 * columns) return;
            one.view.finalize();
            width = Math.min(width + Math.floor(spare / columns), 640);
        }
        one.view = await run(one.build({width: Math.max(60, width), columns, room: room / columns}), plot);
    }

    function legend(host) {
        if (first.length < 2) return;
        const list = document.createElement("ul");
        list.className = "legend";
        list.append(Object.assign(document.createElement("li"), {className: "what", textContent: page.factors[0]}));
        first.forEach((level, i) => {
            const item = document.createElement("li"), mark = document.createElement("span");
            mark.textContent = at(GLYPHS, shape(i));
            mark.style.color = colour(i);
            mark.setAttribute("aria-hidden", "true");
            item.append(mark, " " + level);
            list.append(item);
        });
        host.prepend(list);
    }

    async function drawAll() {
        for (const one of charts) await draw(one);
        document.documentElement.dataset.charts = "drawn";
    }

    for (const prepare of [drawMeans, drawCurves, drawDifferences, drawShift, drawConsistency, drawRobustness, drawCost, drawInteraction])
        prepare();
    charts.forEach((one) => {
        if (!one.host.classList.contains("labelled")) legend(one.host);
    });
    let last = document.body.clientWidth, waiting = 0;
    window.addEventListener("resize", () => {
        clearTimeout(waiting);
        waiting = setTimeout(() => {
            if (document.body.clientWidth === last) return;
            last = document.body.clientWidth;
            drawAll();
        }, 150);
    });
    drawAll().catch((failure) => {
        document.documentElement.dataset.charts = "failed";
        const line = document.createElement("p");
        line.className = "note";
        line.textContent = "The charts could not be drawn: " + failure.message;
        document.querySelector("main").prepend(line);
    });
})();
