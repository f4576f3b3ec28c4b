/* modules.js - runs the modules of the chart library, which follow it in the page, each as the body
 * of a function: lidoModule("vega-util", function (module, exports, require) {...}). */
"use strict";

const lidoModules = {};

function lidoModule(name, body) {
    const module = {exports: {}};
    body(module, module.exports, (wanted) => {
        if (!(wanted in lidoModules)) throw new Error(name + " needs " + wanted);
        return lidoModules[wanted];
    });
    lidoModules[name] = module.exports;
}
