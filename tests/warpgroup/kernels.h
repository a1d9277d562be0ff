// All warpgroup kernels, on the device that device.cuh emulates.
#pragma once
#include "warpgroup/attention.cuh"
#include "warpgroup/convolution.cuh"
#include "warpgroup/linear.cuh"
#include "warpgroup/linear_few_rows.cuh"

// Which are all of the same name.
namespace linear_128x256
{
#include "linear/linear_warpgroup_128x256.cu"
}
namespace linear_192x256
{
#include "linear/linear_warpgroup_192x256.cu"
}
namespace linear_40x64
{
#include "linear/linear_warpgroup_40x64.cu"
}
namespace linear_72x64
{
#include "linear/linear_warpgroup_72x64.cu"
}
namespace linear_136x128
{
#include "linear/linear_warpgroup_136x128.cu"
}
namespace conv3x3_128x256
{
#include "conv/conv3x3_warpgroup_128x256.cu"
}
namespace conv3x3_192x256
{
#include "conv/conv3x3_warpgroup_192x256.cu"
}
namespace conv3x3_128x128
{
#include "conv/conv3x3_warpgroup_128x128.cu"
}
namespace attention_64
{
#include "attention/attention_warpgroup_64.cu"
}
namespace attention_48
{
#include "attention/attention_warpgroup_48.cu"
}
