/* Tests of escape.c: what users may call their studies, inside every language of a report. */
#define _GNU_SOURCE
#include "written.h"

#include "study/escape.h"

static void check(lido_escape escape, const char *text, const char *expected) {
    written w;
    escape(text, written_open(&w)->stream);
    written_is(&w, expected);
}

START_TEST(html) {
    check(lido_escape_html, "<script>alert('a & \"b\"')</script>",
          "&lt;script&gt;alert(&#39;a &amp; &quot;b&quot;&#39;)&lt;/script&gt;");
    check(lido_escape_html, "&amp;", "&amp;amp;");
    check(lido_escape_html, "Gr\u00fc\u00dfe \u2212\u00b1", "Gr\u00fc\u00dfe \u2212\u00b1");
    check(lido_escape_html, "a\x01\x1f\x7f\tb\nc", "a\ufffd\ufffd\ufffd\tb\nc");
    check(lido_escape_html, "", "");
}
END_TEST

START_TEST(script) {
    check(lido_escape_script, "{\"a\":\"</script><!-- & -->\"}",
          "{\"a\":\"\\u003c/script\\u003e\\u003c!-- \\u0026 --\\u003e\"}");
}
END_TEST

START_TEST(markdown) {
    check(lido_escape_markdown, "a|b *c* _d_ `e` [f](g) <h> #i \\j ~k~ !l $m$",
          "a\\|b \\*c\\* \\_d\\_ \\`e\\` \\[f\\](g) &lt;h&gt; \\#i \\\\j \\~k\\~ \\!l \\$m\\$");
    check(lido_escape_markdown, "one\ntwo\r\n", "one two  ");
}
END_TEST

START_TEST(latex) {
    check(lido_escape_latex, "100 % of $x_1^2$ & {#~\\}",
          "100 \\% of \\$x\\_1\\textasciicircum{}2\\$ \\& \\{\\#\\textasciitilde{}"
          "\\textbackslash{}\\}");
    check(lido_escape_latex, "\u22120.1 \u00b1 3\u00d73, 1\u20132, max \u00b7 fc, 95\u00a0%",
          "$-$0.1 $\\pm$ 3$\\times$3, 1--2, max $\\cdot$ fc, 95~\\%");
    check(lido_escape_latex, "<a|b>\"\n",
          "\\textless{}a\\textbar{}b\\textgreater{}"
          "\\textquotedbl{} ");
}
END_TEST

START_TEST(csv) {
    check(lido_escape_csv, "plain", "plain");
    check(lido_escape_csv, "pool=max,head=fc", "\"pool=max,head=fc\"");
    check(lido_escape_csv, "say \"no\"", "\"say \"\"no\"\"\"");
    check(lido_escape_csv, "two\nlines", "\"two\nlines\"");
    check(lido_escape_csv, "", "\"\"");
    check(lido_escape_csv, " blank", "\" blank\"");
}
END_TEST

LIDO_TEST_MAIN("escape", html, script, markdown, latex, csv)
