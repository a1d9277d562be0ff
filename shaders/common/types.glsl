// Storage types. ACT is what activations and matrix weights are kept in; Y what the kernel's output is kept in. All
// arithmetic is fp32: FP16 needs 16-bit storage of a device, never 16-bit arithmetic.
#extension GL_EXT_control_flow_attributes : enable
#ifdef FP16
#extension GL_EXT_shader_16bit_storage : require
#define ACT float16_t
#define ACT_SIZE 2
#else
#define ACT float
#define ACT_SIZE 4
#endif
#ifdef Y_FP32
#define Y float
#else
#define Y ACT
#endif

// Index of this workgroup where a long line of groups is folded over x and y.
uint line_group()
{
    return gl_WorkGroupID.x + gl_WorkGroupID.y * gl_NumWorkGroups.x;
}

// Index of this invocation where each handles one element. A macro, because the workgroup's size is declared later.
#define line_element() (line_group() * gl_WorkGroupSize.x + gl_LocalInvocationID.x)
