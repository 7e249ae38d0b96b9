/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_DEMO_THEME_H
#define GILYIELD_DEMO_THEME_H

#include <QColor>

/* Colours of the demo: dark, as in a reading room. */
namespace theme
{

const QColor window(38, 42, 48);
const QColor panel(46, 51, 58);
const QColor well(26, 29, 34);
const QColor line(64, 71, 80);
const QColor text(226, 230, 235);
const QColor faintText(150, 159, 170);
const QColor accent(56, 178, 157);
const QColor warm(240, 150, 70);

/* Fusion style, palette and style sheet for the whole application. Needs a QApplication. */
void apply();

} // namespace theme

#endif
