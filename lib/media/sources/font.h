/* font.h: digits of 5x7 dots, for made-up data. */
#ifndef GAN_FONT_H
#define GAN_FONT_H

#include <stdbool.h>

enum { FONT_WIDTH = 5, FONT_HEIGHT = 7 };

/* Whether dot (row, column) of a digit, '0' to '9', is set; false outside the cell. */
bool font_dot(char digit, int row, int column);

#endif
