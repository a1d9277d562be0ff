/* A small Vulkan renderer: an instance, a device, and a textured quad drawn offscreen. What any host has in some form. */
#ifndef HOST_H
#define HOST_H

#include <stdint.h>
#include <vulkan/vulkan.h>

#include "titok.h"

#define HOST_FRAMES 2 /* frames on the way at once */

typedef struct HostTarget {
    VkImage image;
    VkDeviceMemory memory;
    VkImageView view;
} HostTarget;

/* With Vulkan 1.3 more kernels are at hand; a loader of 1.2 takes it too. */
#define HOST_API_VERSION VK_API_VERSION_1_3

typedef struct Host {
    VkInstance instance;
    VkPhysicalDevice physicalDevice;
    VkDevice device;
    uint32_t family;
    VkQueue queue;
    VkCommandPool pool;
    VkCommandBuffer commands[HOST_FRAMES];
    VkFence fences[HOST_FRAMES];

    uint32_t size; /* of the frame, in pixels a side */
    HostTarget frame;
    VkRenderPass pass;
    VkFramebuffer framebuffer;
    VkBuffer readback;
    VkDeviceMemory readbackMemory;
    uint8_t *pixels; /* the last frame, RGBA */

    HostTarget texture;
    uint32_t textureSize;
    VkSampler sampler;
    VkDescriptorSetLayout setLayout;
    VkDescriptorPool sets;
    VkDescriptorSet set;
    VkPipelineLayout layout;
    VkPipeline pipeline;

    TitokRequirements requirements; /* kept until the device was adopted */
    uint32_t validating;
    uint32_t messages; /* of the validation layer */
    VkDebugUtilsMessengerEXT messenger;
} Host;

/* Ends the program with a message where something can't go on. */
void hostFail(const char *what, int result);
#define VK(call) do { VkResult result_ = (call); if (result_ != VK_SUCCESS) hostFail(#call, (int)result_); } while (0)

/* Makes the device, with what the library wants enabled, and the renderer. */
void hostCreate(Host *host, uint32_t frameSize);

/* Makes the texture that the quad wears; black at first. */
void hostCreateTexture(Host *host, uint32_t size);

/* Begins frame number so-and-so, waiting for the frame that used its command buffer before. */
VkCommandBuffer hostBeginFrame(Host *host, uint32_t number);

/* Draws the quad, turned by angle, into the frame, and submits it. */
void hostEndFrame(Host *host, uint32_t number, float angle);

/* Waits for a frame; its pixels are in host->pixels then. */
void hostWaitFrame(Host *host, uint32_t number);

void hostDestroy(Host *host);

#endif
