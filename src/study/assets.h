/* assets.h - the files of src/study/report (and the chart library) as they are in the program: made
 * by cmake/embed.cmake at build time. */
#ifndef LIDO_STUDY_ASSETS_H
#define LIDO_STUDY_ASSETS_H

#include <stddef.h>

/* text[size], and a zero byte behind it. */
typedef struct lido_asset {
    const char *text;
    size_t size;
} lido_asset;

extern const lido_asset lido_asset_page_html, lido_asset_page_css, lido_asset_page_js,
    lido_asset_charts_js, lido_asset_summary_md, lido_asset_table_tex;
/* The chart library as script elements can run it, and its licences; empty in a build without. */
extern const lido_asset lido_asset_vega_js, lido_asset_vega_licence;

#endif
