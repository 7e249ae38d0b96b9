/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_DEMO_PHANTOM_H
#define GILYIELD_DEMO_PHANTOM_H

#include <QImage>

#include <vector>

/* A made-up head, computed: axial slices as an MRI scanner might show them. Any thread. */
class Phantom
{
  public:
    static constexpr int size = 256;
    static constexpr int sliceCount = 48;

    Phantom();

    /* Grey levels, size * size. `slice` is 0 (top of the head) to sliceCount - 1. */
    const QImage &slice(int index) const;

  private:
    std::vector<QImage> slices;
};

#endif
