#include "study_helpers.h"

#include "study/document.h"

/* JSON in single quotes, parsed. */
static lido_json *json_of(const char *text) {
    char copy[512];
    lido_json *json;
    lido_error error;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *c = copy; *c; c++)
        if (*c == '\'') *c = '"';
    assert_ok(lido_json_parse(copy, strlen(copy), "test", &json, &error));
    return json;
}

static void assert_json(lido_json *json, const char *expected) {
    lido_json *other = json_of(expected);
    char *text = lido_json_print(json, false), *wanted = lido_json_print(other, false);
    ck_assert_str_eq(text, wanted);
    free(text);
    free(wanted);
    lido_json_free(other);
    lido_json_free(json);
}

/* The examples at the end of RFC 7396 that say something here. */
START_TEST(merges) {
    static const char *const cases[][3] = {
        {"{'a': 'b'}", "{'a': 'c'}", "{'a': 'c'}"},
        {"{'a': 'b'}", "{'b': 'c'}", "{'a': 'b', 'b': 'c'}"},
        {"{'a': 'b'}", "{'a': null}", "{}"},
        {"{'a': 'b', 'b': 'c'}", "{'a': null}", "{'b': 'c'}"},
        {"{'a': ['b']}", "{'a': 'c'}", "{'a': 'c'}"},
        {"{'a': 'c'}", "{'a': ['b']}", "{'a': ['b']}"},
        {"{'a': {'b': 'c'}}", "{'a': {'b': 'd', 'c': null}}", "{'a': {'b': 'd'}}"},
        {"{'a': [{'b': 'c'}]}", "{'a': [1]}", "{'a': [1]}"},
        {"{'e': null}", "{'a': 1}", "{'e': null, 'a': 1}"},
        {"[1, 2]", "{'a': 'b', 'c': null}", "{'a': 'b'}"},
        {"{}", "{'a': {'bb': {'ccc': null}}}", "{'a': {'bb': {}}}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lido_json *target = json_of(cases[i][0]), *patch = json_of(cases[i][1]);
        assert_json(lido_json_merged(target, patch), cases[i][2]);
        lido_json_free(target);
        lido_json_free(patch);
    }
    lido_json *patch = json_of("{'a': {'b': 1, 'c': null}}");
    assert_json(lido_json_merged(NULL, patch), "{'a': {'b': 1}}");
    assert_json(lido_json_merged(patch, NULL), "{'a': {'b': 1, 'c': null}}");
    lido_json_free(patch);
}
END_TEST

START_TEST(replaces_members) {
    lido_json *object = json_of("{'a': 1, 'b': 2}");
    assert_json(lido_json_with(object, "a", lido_json_from_number(3)), "{'a': 3, 'b': 2}");
    assert_json(lido_json_with(object, "c", lido_json_from_number(3)), "{'a': 1, 'b': 2, 'c': 3}");
    lido_json_free(object);
}
END_TEST

static const char profiles[] =
    "{'base': 'sub/base.json', 'seeds': 9, 'train': {'epochs': 9, 'batch': 8},"
    " 'profiles': {'quick': {'seeds': 2, 'train': {'epochs': 1}}, 'full': {}}}";

START_TEST(applies_profile_and_changes) {
    bench b;
    lido_error error;
    lido_json *document;
    char sub[LIDO_PATH_SIZE];
    bench_make(&b, "");
    path_in(b.folder, "sub", sub);
    assert_ok(lido_make_folder(sub, &error));
    write_json(sub, "base.json", "{'input': [1]}");
    write_json(b.folder, "study.json", profiles);
    lido_study_options options = {.profile = NULL};
    assert_ok(lido_study_document(b.study, &options, &document, &error));
    assert_json(document,
                "{'base': {'input': [1]}, 'seeds': 9, 'train': {'epochs': 9, 'batch': 8}}");
    options = (lido_study_options){"quick", "{\"train\": {\"batch\": 4}, \"claim\": \"so\"}"};
    assert_ok(lido_study_document(b.study, &options, &document, &error));
    assert_json(document, "{'base': {'input': [1]}, 'seeds': 2, 'train': {'epochs': 1, 'batch': 4},"
                          " 'profile': 'quick', 'claim': 'so'}");
    options = (lido_study_options){"quik", NULL};
    assert_fails(lido_study_document(b.study, &options, &document, &error), LIDO_USAGE,
                 "no profile \"quik\"; there are: quick, full");
    ck_assert_ptr_null(document);
    options = (lido_study_options){NULL, "{\"sede\": 3}"};
    assert_fails(lido_study_document(b.study, &options, &document, &error), LIDO_SPEC,
                 "unknown key \"sede\"; did you mean \"seeds\"?");
    bench_free(&b);
}
END_TEST

START_TEST(refuses_documents) {
    static const struct {
        const char *text, *message;
        lido_status status;
    } cases[] = {
        {"[]", "expected an object, found an array", LIDO_SPEC},
        {"{'cell': 1}", "unknown key \"cell\"; did you mean \"cells\"?", LIDO_SPEC},
        {"{'seeds': 1}", "\"base\" is missing, allowed: the path of a spec", LIDO_SPEC},
        {"{'base': 3}", "\"base\" is 3", LIDO_SPEC},
        {"{'base': 'nix.json'}", "base: ", LIDO_NOT_FOUND},
        {"{'base': 'list.json'}", "expected an object, found an array", LIDO_SPEC},
        {"{'base': 'base.json', 'profiles': 3}", "profiles: expected an object, found a number",
         LIDO_SPEC},
        {"{'base': 'base.json', 'profiles': {'quick': {'sed': 1}}}",
         "profiles.quick: unknown key \"sed\"; did you mean \"seeds\"?", LIDO_SPEC},
        {"{'base': 'base.json', 'profiles': {'a b': {}}}", "is not a word", LIDO_SPEC},
        {"{'base': 'base.json', 'profiles': {'a': {'profiles': {}}}}",
         "profiles.a: a profile within a profile", LIDO_SPEC},
    };
    bench b;
    lido_error error;
    lido_json *document;
    const lido_study_options none = {.profile = NULL};
    bench_make(&b, "");
    write_json(b.folder, "list.json", "[]");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_json(b.folder, "study.json", cases[i].text);
        assert_fails(lido_study_document(b.study, &none, &document, &error), cases[i].status,
                     cases[i].message);
        ck_assert_ptr_null(document);
    }
    bench_free(&b);
}
END_TEST

LIDO_TEST_MAIN("document", merges, replaces_members, applies_profile_and_changes, refuses_documents)
