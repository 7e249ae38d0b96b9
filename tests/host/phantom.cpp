/* SPDX-License-Identifier: MIT */
#include "phantom.h"

#include <algorithm>
#include <cmath>

namespace
{

/* 0 below `low`, 1 above `high`, smooth between. */
float ramp(float low, float high, float value)
{
    const float t = std::min(1.0f, std::max(0.0f, (value - low) / (high - low)));
    return t * t * (3 - 2 * t);
}

float mix(float from, float to, float share)
{
    return from + (to - from) * share;
}

/* Distance from the middle of an ellipsoid, 1 on its surface. */
float ellipsoid(float x, float y, float z, float width, float height, float depth)
{
    return std::sqrt(x * x / (width * width) + y * y / (height * height) + z * z / (depth * depth));
}

/*
 * Distance from the fluid around the brain, 1 being its radius: from its surface, or from the nearest furrow that runs in from
 * there. Furrows lie between the folds of the cortex; they bend, and each has its own length.
 */
float fluidDistance(float x, float y, float z)
{
    constexpr float folds = 17;
    const float u = x / 0.63f;
    const float v = (y + 0.01f) / 0.80f;
    const float w = z / 0.86f;
    const float radius = std::sqrt(u * u + v * v + w * w);
    const float depth = 1 - radius;
    const float bend = 0.10f * std::sin(15 * radius + 7 * u - 5 * v + 4 * w) + 0.06f * std::sin(9 * v + 11 * w);
    const float angle = std::atan2(v, u) + bend;
    const float across = std::fabs(std::sin(folds * angle + 1.2f * std::sin(2.3f * w + 3 * angle))) * radius / folds;
    const float length = 0.15f + 0.09f * std::sin(7 * angle + 5 * w) + 0.06f * std::sin(13 * angle - 8 * w + 1);
    const float beyond = std::max(0.0f, depth - length);
    return std::min(depth, std::sqrt(across * across + beyond * beyond));
}

/* A scanner's grain: a hash of the position, -1 to 1. */
float grain(int x, int y, int z)
{
    uint32_t h = uint32_t(x) * 374761393u + uint32_t(y) * 668265263u + uint32_t(z) * 2246822519u;
    h = (h ^ (h >> 13)) * 1274126177u;
    return float(h >> 16) / 32768.0f - 1;
}

/* Signal at a point of the head: x to the right, y to the back, z up, each -1 to 1; the head is symmetric in x. */
float signal(float x, float y, float z)
{
    const float side = std::fabs(x);
    const float head = ellipsoid(x, y, z, 0.74f, 0.92f, 0.98f);
    const float brain = ellipsoid(x, y + 0.01f, z, 0.63f, 0.80f, 0.86f);
    float value = 0.02f;

    value = mix(value, 0.72f, ramp(1.01f, 0.99f, head));   /* skin and fat */
    value = mix(value, 0.10f, ramp(0.955f, 0.935f, head)); /* bone */
    value = mix(value, 0.30f, ramp(0.90f, 0.885f, head));  /* marrow's inner edge, membranes */
    value = mix(value, 0.13f, ramp(1.02f, 1.00f, brain));  /* fluid */

    /* From the fluid inwards: a ribbon of grey matter, then white matter. */
    const float distance = fluidDistance(side + 0.015f * x, y, z);
    float tissue = mix(0.16f, 0.47f, ramp(0.004f, 0.016f, distance));
    tissue = mix(tissue, 0.78f, ramp(0.040f, 0.058f, distance));
    value = mix(value, tissue, ramp(0.99f, 0.965f, brain));

    /* The gap between the halves, the deep grey nuclei, and the ventricles as a butterfly. */
    const float gap = ramp(0.020f, 0.006f, std::fabs(x + 0.008f * std::sin(11 * y + 3 * z))) *
                      ramp(0.22f, 0.34f, std::fabs(y + 0.02f)) * ramp(0.99f, 0.95f, brain);
    value = mix(value, 0.14f, gap);
    const float nuclei = ellipsoid(side - 0.19f, y + 0.02f, z + 0.05f, 0.10f, 0.20f, 0.26f);
    value = mix(value, 0.55f, ramp(1.05f, 0.85f, nuclei));
    const float front = ellipsoid(side - 0.07f - 0.25f * (y + 0.22f) * -0.5f, y + 0.20f, z - 0.04f, 0.060f, 0.17f, 0.30f);
    const float back = ellipsoid(side - 0.13f - 0.30f * (y - 0.26f), y - 0.26f, z - 0.02f, 0.065f, 0.19f, 0.26f);
    value = mix(value, 0.09f, ramp(1.08f, 0.92f, std::min(front, back)));
    return value;
}

QImage computeSlice(int index)
{
    QImage image(Phantom::size, Phantom::size, QImage::Format_Grayscale8);
    const float z = 0.62f - 1.0f * float(index) / (Phantom::sliceCount - 1);
    for (int row = 0; row < Phantom::size; ++row) {
        uchar *line = image.scanLine(row);
        for (int column = 0; column < Phantom::size; ++column) {
            const float x = (float(column) + 0.5f) * 2 / Phantom::size - 1;
            const float y = (float(row) + 0.5f) * 2 / Phantom::size - 1;
            const float bias = 1.06f - 0.10f * (x * x + y * y) + 0.05f * x;
            const float value = signal(x, y, z) * bias + 0.022f * grain(column, row, index);
            line[column] = uchar(255 * std::min(1.0f, std::max(0.0f, value)));
        }
    }
    return image;
}

} // namespace

Phantom::Phantom()
{
    for (int index = 0; index < sliceCount; ++index) {
        slices.push_back(computeSlice(index));
    }
}

const QImage &Phantom::slice(int index) const
{
    return slices[size_t(index)];
}
