#include "media/sources/font.h"

/* of 0 to 9, seven rows of five dots each */
static const char *const digits[] = {
    " ### #   ##  ### # ###  ##   # ### ", "  #   ##    #    #    #    #   ### ",
    " ### #   #    #   #   #   #   #####", " ### #   #    #  ##     ##   # ### ",
    "   #   ##  # # #  # #####   #    # ", "######    ####     #    ##   # ### ",
    "  ##  #   #    #### #   ##   # ### ", "#####    #   #   #   #    #    #   ",
    " ### #   ##   # ### #   ##   # ### ", " ### #   ##   # ####    #   #  ##  ",
};

bool font_dot(char digit, int row, int column) {
    if (row < 0 || row >= FONT_HEIGHT || column < 0 || column >= FONT_WIDTH) return false;
    return digits[digit - '0'][row * FONT_WIDTH + column] == '#';
}
