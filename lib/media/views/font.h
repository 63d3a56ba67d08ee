/* font.h: a font of 5x7 dots, for plots and made-up digits. */
#ifndef GAN_FONT_H
#define GAN_FONT_H

#include <stdbool.h>

enum { FONT_WIDTH = 5, FONT_HEIGHT = 7, FONT_STEP = 6 /* columns a character takes in a line */ };

/* Whether dot (row, column) of c is set; false outside the cell. Characters that are not in the
 * font show as a box. */
bool font_dot(char c, int row, int column);

#endif
