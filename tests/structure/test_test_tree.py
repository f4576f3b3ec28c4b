#!/usr/bin/env python3
"""test_test_tree.py: every rule of test_tree.py finds what breaks it, and lets pass what does not."""
import pathlib
import unittest

from test_tree import check_source


def found(path, text):
    return list(check_source(pathlib.PurePosixPath(path), text))


class Rules(unittest.TestCase):
    def test_includes_go_down(self):
        self.assertEqual(found("src/layers/a.c", '#include "layers/b.h"\n#include "base/c.h"\n'), [])
        self.assertEqual(found("src/train/a.c", "#include <lido/net.h>\n#include <math.h>\n"), [])
        self.assertEqual(found("include/lido/lido.h", "#include <lido/train.h>\n"), [])

    def test_includes_do_not_go_up(self):
        for path, include in [("src/base/a.c", '"kernels/b.h"'), ("src/kernels/a.c", "<lido/layer.h>"),
                              ("src/layers/a.c", "<lido/optim.h>"), ("src/data/a.c", '"net/plan.h"'),
                              ("src/net/a.c", "<lido/data.h>"), ("src/train/a.c", '"cli/output.h"'),
                              ("src/base/a.c", "<lido/lido.h>"), ("include/lido/base.h", "<lido/net.h>"),
                              ("src/net/a.c", '"plan.h"')]:
            self.assertEqual(len(found(path, f"#include {include}\n")), 1, (path, include))

    def test_unknown_floor(self):
        self.assertEqual(len(found("src/attic/a.c", "")), 1)

    def test_one_user(self):
        for text, owner in [("pthread_create(&a, NULL, b, c);\n", "src/base/team.c"),
                            ('dlopen("libm.so.6", RTLD_NOW);\n', "src/base/late.c"),
                            ("#include <cblas.h>\n", "src/base/blas.c"),
                            ("#include <cjson/cJSON.h>\n", "src/base/json.c")]:
            self.assertEqual(found(owner, text), [])
            self.assertEqual(len(found("src/net/a.c", text)), 1, text)

    def test_only_the_program_prints(self):
        for text in ['printf("x");', "exit(1);", "abort();", "fputs(text, stderr);", "puts(text);"]:
            self.assertEqual(len(found("src/net/a.c", text)), 1, text)
            self.assertEqual(found("src/cli/a.c", text), [])

    def test_comments_and_strings_are_no_code(self):
        text = '/* printf(x) */ // exit(1)\nconst char *a = "abort()"; snprintf(b, 1, "stderr");'
        self.assertEqual(found("src/net/a.c", text), [])


if __name__ == "__main__":
    unittest.main()
