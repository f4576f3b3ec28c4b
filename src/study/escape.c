/* escape.c - text of a user inside HTML, script, Markdown, LaTeX and CSV: tables of what is written
 * instead of what. */
#include "study/escape.h"

#include <stdbool.h>
#include <string.h>

/* `from` is one character of UTF-8. */
typedef struct replacement {
    const char *from, *to;
} replacement;

static const replacement html[] = {{"&", "&amp;"},   {"<", "&lt;"},  {">", "&gt;"},
                                   {"\"", "&quot;"}, {"'", "&#39;"}, {NULL, NULL}};

static const replacement script[] = {
    {"<", "\\u003c"}, {">", "\\u003e"}, {"&", "\\u0026"}, {NULL, NULL}};

static const replacement markdown[] = {
    {"\\", "\\\\"}, {"`", "\\`"}, {"*", "\\*"},  {"_", "\\_"},  {"{", "\\{"},   {"}", "\\}"},
    {"[", "\\["},   {"]", "\\]"}, {"<", "&lt;"}, {">", "&gt;"}, {"&", "&amp;"}, {"#", "\\#"},
    {"|", "\\|"},   {"~", "\\~"}, {"!", "\\!"},  {"$", "\\$"},  {NULL, NULL}};

static const replacement latex[] = {{"\\", "\\textbackslash{}"},
                                    {"{", "\\{"},
                                    {"}", "\\}"},
                                    {"#", "\\#"},
                                    {"$", "\\$"},
                                    {"%", "\\%"},
                                    {"&", "\\&"},
                                    {"_", "\\_"},
                                    {"~", "\\textasciitilde{}"},
                                    {"^", "\\textasciicircum{}"},
                                    {"<", "\\textless{}"},
                                    {">", "\\textgreater{}"},
                                    {"|", "\\textbar{}"},
                                    {"\"", "\\textquotedbl{}"},
                                    {"\u2212", "$-$"},
                                    {"\u00b1", "$\\pm$"},
                                    {"\u00d7", "$\\times$"},
                                    {"\u00b7", "$\\cdot$"},
                                    {"\u2013", "--"},
                                    {"\u00a0", "~"},
                                    {"\u202f", "\\,"},
                                    {NULL, NULL}};

/* The replacement of the character that `text` begins with, or NULL. */
static const replacement *find(const replacement *table, const char *text) {
    for (; table->from; table++)
        if (strncmp(text, table->from, strlen(table->from)) == 0) return table;
    return NULL;
}

/* `lines`: a line may end where it likes. */
static void replace(const char *text, const replacement *table, bool lines, FILE *out) {
    while (*text) {
        const replacement *found = find(table, text);
        const unsigned char c = (unsigned char)*text;
        const bool white = c == '\n' || c == '\t' || c == '\r';
        if (found)
            fputs(found->to, out);
        else if (white && !lines)
            fputc(' ', out);
        else if ((c < ' ' && !white) || c == 0x7f)
            fputs("\ufffd", out);
        else
            fputc(c, out);
        text += found ? strlen(found->from) : 1;
    }
}

void lido_escape_html(const char *text, FILE *out) {
    replace(text, html, true, out);
}

void lido_escape_script(const char *text, FILE *out) {
    replace(text, script, true, out);
}

void lido_escape_markdown(const char *text, FILE *out) {
    replace(text, markdown, false, out);
}

void lido_escape_latex(const char *text, FILE *out) {
    replace(text, latex, false, out);
}

void lido_escape_csv(const char *text, FILE *out) {
    static const replacement quote[] = {{"\"", "\"\""}, {NULL, NULL}};
    const bool quoted = strpbrk(text, "\",\r\n") != NULL || *text == ' ' || *text == '\0';
    if (quoted) fputc('"', out);
    replace(text, quote, true, out);
    if (quoted) fputc('"', out);
}
