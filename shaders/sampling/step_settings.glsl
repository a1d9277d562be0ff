// What a step of the decoding loop needs to know; StepSettings on the host side.
struct StepSettings
{
    float guidance;
    float temperature;
    float softmax_temperature;
    uint keep;
    uint form;
    uint last;
    uint step;
    uint padding;
};
