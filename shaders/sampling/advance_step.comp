#version 460
// variants: none
//
// state[0] += 1. A dispatch of its own, after every workgroup of the step has read it.
layout(local_size_x = 1) in;

layout(set = 0, binding = 0) buffer State { uint state[]; };

void main()
{
    state[0] += 1;
}
