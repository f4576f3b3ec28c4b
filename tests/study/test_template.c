/* Tests of template.c: places, sections, look-up, lines, and mistakes in templates. */
#define _GNU_SOURCE
#include "written.h"

#include "study/template.h"

static lido_json *view_of(const char *text) {
    lido_json *view;
    lido_error error;
    assert_ok(lido_json_parse(text, strlen(text), "view", &view, &error));
    return view;
}

static void check(const char *text, const char *view_text, const char *expected) {
    lido_json *view = view_of(view_text);
    written w;
    lido_error error;
    assert_ok(lido_template_write(text, strlen(text), view, lido_escape_html,
                                  written_open(&w)->stream, &error));
    written_is(&w, expected);
    lido_json_free(view);
}

static void check_mistake(const char *text, const char *message) {
    lido_json *view = view_of("{\"a\": \"x\", \"n\": 1, \"l\": [\"x\"]}");
    written w;
    lido_error error;
    written_open(&w);
    assert_fails(lido_template_write(text, strlen(text), view, lido_escape_html, w.stream, &error),
                 LIDO_SPEC, message);
    fclose(w.stream);
    free(w.text);
    lido_json_free(view);
}

START_TEST(fills_places) {
    check("{{a}} {{{a}}} {{a}}", "{\"a\": \"<b>\"}", "&lt;b&gt; <b> &lt;b&gt;");
    check("no places, {one} brace", "{}", "no places, {one} brace");
    check("", "{}", "");
}
END_TEST

START_TEST(repeats_sections) {
    check("{{#l}}<{{.}}>{{/l}}", "{\"l\": [\"a\", \"b\"]}", "<a><b>");
    check("{{#l}}{{n}}{{#m}}{{n}}{{.}}{{/m}};{{/l}}",
          "{\"n\": \"out\", \"l\": [{\"n\": \"in\", \"m\": [\"1\", \"2\"]}, {\"m\": []}]}",
          "inin1in2;out;");
    check("{{#o}}{{x}}{{/o}}", "{\"o\": {\"x\": \"y\"}}", "y");
}
END_TEST

START_TEST(leaves_out_what_is_not) {
    const char *const empty[] = {"{}", "{\"a\": false}", "{\"a\": \"\"}", "{\"a\": []}",
                                 "{\"a\": null}"};
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
        check("{{#a}}yes{{missing}}{{/a}}{{^a}}no{{/a}}", empty[i], "no");
    check("{{#a}}yes{{/a}}{{^a}}no{{missing}}{{/a}}", "{\"a\": true}", "yes");
}
END_TEST

START_TEST(tags_alone_take_their_line) {
    check("one\n{{#l}}\n- {{.}}\n{{/l}}\ntwo\n", "{\"l\": [\"a\", \"b\"]}", "one\n- a\n- b\ntwo\n");
    check("one\n  {{#l}}  \nx\n{{/l}}", "{\"l\": []}", "one\n");
    check("a {{#l}}\nx{{/l}}\n", "{\"l\": [\"1\"]}", "a \nx\n");
}
END_TEST

START_TEST(finds_mistakes) {
    check_mistake("one\n{{b}}", "line 2: no text is called \"b\"");
    check_mistake("{{n}}", "no text is called \"n\"");
    check_mistake("{{#a}}x", "is never closed: \"a\"");
    check_mistake("{{#a}}{{#l}}{{/a}}{{/l}}", "closes what is not open: \"a\"");
    check_mistake("{{/a}}", "closes what is not open: \"a\"");
    check_mistake("{{a", "a tag without an end");
    check_mistake("{{#l}}\n{{missing}}{{/l}}", "line 2: no text is called \"missing\"");
    char deep[1024] = "";
    for (int i = 0; i < 40; i++) strcat(deep, "{{#a}}");
    check_mistake(deep, "too deep");
}
END_TEST

LIDO_TEST_MAIN("template", fills_places, repeats_sections, leaves_out_what_is_not,
               tags_alone_take_their_line, finds_mistakes)
