/* page.js - the switch between light and dark. The page follows the system until it is pressed. */
"use strict";

(function () {
    const root = document.documentElement, button = document.getElementById("theme");
    const system = window.matchMedia("(prefers-color-scheme: dark)");
    const current = () => root.dataset.theme || (system.matches ? "dark" : "light");
    const other = () => (current() === "dark" ? "light" : "dark");

    function label() {
        button.textContent = other() === "dark" ? "Dark" : "Light";
        button.setAttribute("aria-label", "Show the page in " + other() + " colours");
    }

    button.addEventListener("click", () => {
        root.dataset.theme = other();
        label();
    });
    system.addEventListener("change", label);
    button.hidden = false;
    label();
})();
