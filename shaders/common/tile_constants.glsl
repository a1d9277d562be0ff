// The specialization constants of a block: see matrix_tile, and fma_tile, which has none of the last two, and no fragments.
layout(local_size_x_id = 3) in;
layout(constant_id = 3) const uint INVOCATIONS = 128;
layout(constant_id = 4) const uint MAT_M = 16;
layout(constant_id = 5) const uint MAT_N = 16;
layout(constant_id = 6) const uint MAT_K = 16;
layout(constant_id = 7) const uint ROW_FRAGMENTS = 4;
layout(constant_id = 8) const uint COLUMN_FRAGMENTS = 4;
layout(constant_id = 9) const uint SLAB_FRAGMENTS = 2;
layout(constant_id = 10) const uint SUBGROUPS_M = 2;
layout(constant_id = 11) const uint SUBGROUPS_N = 2;
layout(constant_id = 12) const uint SUBGROUPS_K = 1;
layout(constant_id = 13) const uint STAGES = 2;
layout(constant_id = 14) const uint WEIGHT_FRAGMENTS = 0;
layout(constant_id = 15) const uint FRAGMENT_SIDES = 2;
layout(constant_id = 16) const bool WARPGROUP_ORDER = false;
