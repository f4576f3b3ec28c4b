# embed.cmake - a script: writes the files of a report's page as C arrays (src/study/assets.h) to
# OUT. FOLDER holds the page, VEGA is the list of the chart library's modules, which may be empty,
# VEGA_LICENCE its licence.
cmake_minimum_required(VERSION 3.25)

# Adds lido_asset_<name> with these bytes, in hexadecimal.
function(embed_hex name hex)
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
    string(LENGTH "${hex}" digits)
    math(EXPR size "${digits} / 2")
    file(APPEND ${OUT} "static const unsigned char ${name}[] = {${bytes}0};\n"
         "const lido_asset lido_asset_${name} = {(const char *)${name}, ${size}};\n")
endfunction()

function(embed_file name file)
    file(READ ${file} hex HEX)
    embed_hex(${name} "${hex}")
endfunction()

# Text as hexadecimal digits, by way of a file.
function(hex_of text result)
    file(WRITE ${OUT}.part "${text}")
    file(READ ${OUT}.part hex HEX)
    file(REMOVE ${OUT}.part)
    set(${result} ${hex} PARENT_SCOPE)
endfunction()

file(WRITE ${OUT} "/* Made by cmake/embed.cmake. */\n#include \"study/assets.h\"\n")
foreach(file page.html page.css page.js charts.js summary.md table.tex)
    string(REPLACE "." "_" name ${file})
    embed_file(${name} ${FOLDER}/${file})
endforeach()

# Bytes are put together and never read as text, which CMake would change.
set(vega "")
set(licence "")
if(VEGA)
    file(READ ${FOLDER}/modules.js vega HEX)
    hex_of("\n});\n" close)
    foreach(file ${VEGA})
        get_filename_component(name ${file} NAME_WE)
        if(name STREQUAL "vega-selection")
            set(name vega-selections) # as those that need it call it
        endif()
        hex_of("lidoModule(\"${name}\", function (module, exports, require) {\n" open)
        file(READ ${file} body HEX)
        # A last line "//# sourceMappingURL=..." would make browsers look for a file.
        string(REGEX REPLACE "2f2f2320736f757263654d617070696e6755524c3d.*$" "" body "${body}")
        string(APPEND vega ${open} ${body} ${close})
    endforeach()
    file(READ ${VEGA_LICENCE} licence HEX)
    hex_of("\n----\n\n" rule)
    file(READ ${FOLDER}/d3-licence.txt d3 HEX)
    string(APPEND licence ${rule} ${d3})
endif()
embed_hex(vega_js "${vega}")
embed_hex(vega_licence "${licence}")
