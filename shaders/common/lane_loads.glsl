// Loads for drivers that run on the CPU and turn a load whose address is the same for all lanes of a subgroup into one
// scalar load: by buffer address, so that there are no bounds to check and no lanes to gather. A lane takes its number out
// of eight by compile-time selects, which such a driver folds into one vector load. Subgroups of 8.
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#extension GL_KHR_shader_subgroup_basic : require

// gl_SubgroupInvocationID, to be read before any loop: read in one first and used behind it too, it would be kept as a
// variable of the loop, and the selects would not be of constants any more.
uint lane;

// mix, not ?:, which the compiler would turn into branches around the loads.
#define PICK(a, b) \
    mix(mix(mix(mix(mix(mix(mix(b.w, b.z, lane == 6), b.y, lane == 5), b.x, lane == 4), a.w, lane == 3), a.z, lane == 2), \
        a.y, lane == 1), a.x, lane == 0)
