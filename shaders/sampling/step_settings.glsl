// What a step of the sampling loop needs to know; StepSettings on the host side.
struct StepSettings
{
    float guidance;
    float temperature;
    float softmax_temperature;
    uint mask_count;
    uint guidance_form;
    uint last;
    uint step;
    uint padding;
};
