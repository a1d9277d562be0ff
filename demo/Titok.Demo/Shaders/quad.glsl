// What a rectangle on the screen is: the same as the struct Quad in Drawing/Quad.cs.
struct Quad
{
    vec4 rect;   // left, top, width, height in pixels
    vec4 fill;   // colour with straight alpha; of a picture only the alpha
    vec4 edge;   // colour of the edge, drawn inside
    float radius, edge_width;
    uint kind;   // SHAPE, PICTURE or OVERLAY
    float blend; // of a picture: 0 shows layer `from`, 1 shows `to`
    uint from, to;
    float settled; // share of a picture's tokens that are fixed
    uint grain;    // where its grain begins
};

const uint SHAPE = 0, PICTURE = 1, OVERLAY = 2;

layout(set = 0, binding = 0) readonly buffer Quads { Quad quads[]; };

layout(push_constant) uniform Push
{
    float width, height; // of the target in pixels
    float seconds;       // for what moves by itself
};
