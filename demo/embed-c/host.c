#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_FORMAT VK_FORMAT_R8G8B8A8_UNORM
#define VALIDATION "VK_LAYER_KHRONOS_validation"

void hostFail(const char *what, int result)
{
    fprintf(stderr, "embed-c: %s (%d)\n", what, result);
    exit(1);
}

static VKAPI_ATTR VkBool32 VKAPI_CALL onMessage(
    VkDebugUtilsMessageSeverityFlagBitsEXT severity, VkDebugUtilsMessageTypeFlagsEXT type,
    const VkDebugUtilsMessengerCallbackDataEXT *data, void *user)
{
    (void)severity;
    (void)type;
    ((Host *)user)->messages++;
    fprintf(stderr, "validation: %s\n", data->pMessage);
    return VK_FALSE;
}

static uint32_t hasValidation(void)
{
    VkLayerProperties layers[64];
    uint32_t count = 64, i;
    if (vkEnumerateInstanceLayerProperties(&count, layers) < 0)
        return 0;
    for (i = 0; i < count; i++) {
        if (strcmp(layers[i].layerName, VALIDATION) == 0)
            return 1;
    }
    return 0;
}

static void createInstance(Host *host)
{
    const char *layers[] = {VALIDATION};
    const char *extensions[] = {VK_EXT_DEBUG_UTILS_EXTENSION_NAME, VK_EXT_VALIDATION_FEATURES_EXTENSION_NAME};
    const VkValidationFeatureEnableEXT synchronization = VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT;
    VkValidationFeaturesEXT features = {0};
    VkDebugUtilsMessengerCreateInfoEXT messenger = {0};
    VkApplicationInfo application = {0};
    VkInstanceCreateInfo info = {0};

    host->validating = hasValidation();
    application.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO;
    application.pApplicationName = "embed-c";
    application.apiVersion = HOST_API_VERSION;
    info.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO;
    info.pApplicationInfo = &application;
    if (host->validating) {
        features.sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT;
        features.enabledValidationFeatureCount = 1;
        features.pEnabledValidationFeatures = &synchronization;
        messenger.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT;
        messenger.messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT;
        messenger.messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT;
        messenger.pfnUserCallback = onMessage;
        messenger.pUserData = host;
        info.pNext = &features;
        info.enabledLayerCount = 1;
        info.ppEnabledLayerNames = layers;
        info.enabledExtensionCount = 2;
        info.ppEnabledExtensionNames = extensions;
    }
    VK(vkCreateInstance(&info, NULL, &host->instance));
    if (host->validating) {
        PFN_vkCreateDebugUtilsMessengerEXT create =
            (PFN_vkCreateDebugUtilsMessengerEXT)vkGetInstanceProcAddr(host->instance, "vkCreateDebugUtilsMessengerEXT");
        VK(create(host->instance, &messenger, NULL, &host->messenger));
    }
}

/* A device with all that the library wants but this. */
static VkResult tryDevice(Host *host, uint32_t exceptCount, const char *const *except)
{
    const float priority = 1;
    TitokRequirementsInfo wanted = TITOK_INIT(TitokRequirementsInfo);
    const char *const *extensions = NULL;
    VkDeviceQueueCreateInfo queue = {0};
    VkPhysicalDeviceVulkan12Features features = {0}; /* what the renderer itself wants; the library adds to it */
    VkDeviceCreateInfo info = {0};

    wanted.instance = host->instance;
    wanted.physicalDevice = host->physicalDevice;
    wanted.getInstanceProcAddr = vkGetInstanceProcAddr;
    wanted.exceptCount = exceptCount;
    wanted.except = except;
    if (titokRequirementsCreate(&wanted, &host->requirements) != TITOK_OK)
        hostFail(titokLastMessage(), 0);

    queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO;
    queue.queueFamilyIndex = host->family;
    queue.queueCount = 1;
    queue.pQueuePriorities = &priority;
    features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
    info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
    info.pNext = &features;
    info.queueCreateInfoCount = 1;
    info.pQueueCreateInfos = &queue;
    if (titokRequirementsGetExtensions(host->requirements, &extensions, &info.enabledExtensionCount) != TITOK_OK
        || titokRequirementsPatch(host->requirements, &info) != TITOK_OK)
        hostFail(titokLastMessage(), 0);
    info.ppEnabledExtensionNames = extensions;
    return vkCreateDevice(host->physicalDevice, &info, NULL, &host->device);
}

/* The first device that draws: a real host has a better way to choose. */
static void createDevice(Host *host)
{
    VkPhysicalDevice devices[16];
    VkQueueFamilyProperties families[16];
    uint32_t count = 16, familyCount = 16;
    const char *cuda = "VK_NVX_binary_import";
    VkResult result;

    if (vkEnumeratePhysicalDevices(host->instance, &count, devices) < 0 || count == 0)
        hostFail("there is no Vulkan device", 0);
    host->physicalDevice = devices[0];
    vkGetPhysicalDeviceQueueFamilyProperties(host->physicalDevice, &familyCount, families);
    while (host->family < familyCount
        && (families[host->family].queueFlags & (VK_QUEUE_GRAPHICS_BIT | VK_QUEUE_COMPUTE_BIT)) != (VK_QUEUE_GRAPHICS_BIT | VK_QUEUE_COMPUTE_BIT))
        host->family++;
    if (host->family == familyCount)
        hostFail("there is no queue that draws and computes", 0);

    result = tryDevice(host, 0, NULL);
    /* In a container whose CUDA can't be reached no device is made with the extension. */
    if (result == VK_ERROR_INITIALIZATION_FAILED) {
        titokRequirementsDestroy(host->requirements);
        result = tryDevice(host, 1, &cuda);
    }
    VK(result);
    vkGetDeviceQueue(host->device, host->family, 0, &host->queue);
}

static VkDeviceMemory allocate(Host *host, VkMemoryRequirements needed, VkMemoryPropertyFlags flags)
{
    VkPhysicalDeviceMemoryProperties memory;
    VkMemoryAllocateInfo info = {0};
    VkDeviceMemory made;
    vkGetPhysicalDeviceMemoryProperties(host->physicalDevice, &memory);
    info.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
    info.allocationSize = needed.size;
    while (info.memoryTypeIndex < memory.memoryTypeCount
        && ((needed.memoryTypeBits >> info.memoryTypeIndex & 1) == 0 || (memory.memoryTypes[info.memoryTypeIndex].propertyFlags & flags) != flags))
        info.memoryTypeIndex++;
    VK(vkAllocateMemory(host->device, &info, NULL, &made));
    return made;
}

static void createTarget(Host *host, HostTarget *target, uint32_t size, VkFormat format, VkImageUsageFlags usage)
{
    VkImageCreateInfo info = {0};
    VkImageViewCreateInfo view = {0};
    VkMemoryRequirements needed;
    info.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO;
    info.imageType = VK_IMAGE_TYPE_2D;
    info.format = format;
    info.extent.width = size;
    info.extent.height = size;
    info.extent.depth = 1;
    info.mipLevels = 1;
    info.arrayLayers = 1;
    info.samples = VK_SAMPLE_COUNT_1_BIT;
    info.tiling = VK_IMAGE_TILING_OPTIMAL;
    info.usage = usage;
    VK(vkCreateImage(host->device, &info, NULL, &target->image));
    vkGetImageMemoryRequirements(host->device, target->image, &needed);
    target->memory = allocate(host, needed, VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT);
    VK(vkBindImageMemory(host->device, target->image, target->memory, 0));
    view.sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO;
    view.image = target->image;
    view.viewType = VK_IMAGE_VIEW_TYPE_2D;
    view.format = format;
    view.subresourceRange.aspectMask = VK_IMAGE_ASPECT_COLOR_BIT;
    view.subresourceRange.levelCount = 1;
    view.subresourceRange.layerCount = 1;
    VK(vkCreateImageView(host->device, &view, NULL, &target->view));
}

static void createFrame(Host *host)
{
    VkAttachmentDescription attachment = {0};
    VkAttachmentReference reference = {0};
    VkSubpassDescription subpass = {0};
    VkSubpassDependency dependencies[2] = {{0}, {0}};
    VkRenderPassCreateInfo pass = {0};
    VkFramebufferCreateInfo framebuffer = {0};
    VkBufferCreateInfo buffer = {0};
    VkMemoryRequirements needed;

    createTarget(host, &host->frame, host->size, FRAME_FORMAT, VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT);
    attachment.format = FRAME_FORMAT;
    attachment.samples = VK_SAMPLE_COUNT_1_BIT;
    attachment.loadOp = VK_ATTACHMENT_LOAD_OP_CLEAR;
    attachment.storeOp = VK_ATTACHMENT_STORE_OP_STORE;
    attachment.stencilLoadOp = VK_ATTACHMENT_LOAD_OP_DONT_CARE;
    attachment.stencilStoreOp = VK_ATTACHMENT_STORE_OP_DONT_CARE;
    attachment.finalLayout = VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL;
    reference.layout = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL;
    subpass.pipelineBindPoint = VK_PIPELINE_BIND_POINT_GRAPHICS;
    subpass.colorAttachmentCount = 1;
    subpass.pColorAttachments = &reference;
    /* The frame before is copied out before this one is drawn, and this one is drawn before it is copied out. */
    dependencies[0].srcSubpass = VK_SUBPASS_EXTERNAL;
    dependencies[0].srcStageMask = VK_PIPELINE_STAGE_TRANSFER_BIT;
    dependencies[0].dstStageMask = VK_PIPELINE_STAGE_COLOR_ATTACHMENT_OUTPUT_BIT;
    dependencies[0].dstAccessMask = VK_ACCESS_COLOR_ATTACHMENT_WRITE_BIT;
    dependencies[1].dstSubpass = VK_SUBPASS_EXTERNAL;
    dependencies[1].srcStageMask = VK_PIPELINE_STAGE_COLOR_ATTACHMENT_OUTPUT_BIT;
    dependencies[1].srcAccessMask = VK_ACCESS_COLOR_ATTACHMENT_WRITE_BIT;
    dependencies[1].dstStageMask = VK_PIPELINE_STAGE_TRANSFER_BIT;
    dependencies[1].dstAccessMask = VK_ACCESS_TRANSFER_READ_BIT;
    pass.sType = VK_STRUCTURE_TYPE_RENDER_PASS_CREATE_INFO;
    pass.attachmentCount = 1;
    pass.pAttachments = &attachment;
    pass.subpassCount = 1;
    pass.pSubpasses = &subpass;
    pass.dependencyCount = 2;
    pass.pDependencies = dependencies;
    VK(vkCreateRenderPass(host->device, &pass, NULL, &host->pass));
    framebuffer.sType = VK_STRUCTURE_TYPE_FRAMEBUFFER_CREATE_INFO;
    framebuffer.renderPass = host->pass;
    framebuffer.attachmentCount = 1;
    framebuffer.pAttachments = &host->frame.view;
    framebuffer.width = host->size;
    framebuffer.height = host->size;
    framebuffer.layers = 1;
    VK(vkCreateFramebuffer(host->device, &framebuffer, NULL, &host->framebuffer));

    buffer.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
    buffer.size = (VkDeviceSize)host->size * host->size * 4;
    buffer.usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT;
    VK(vkCreateBuffer(host->device, &buffer, NULL, &host->readback));
    vkGetBufferMemoryRequirements(host->device, host->readback, &needed);
    host->readbackMemory = allocate(host, needed, VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT);
    VK(vkBindBufferMemory(host->device, host->readback, host->readbackMemory, 0));
    VK(vkMapMemory(host->device, host->readbackMemory, 0, VK_WHOLE_SIZE, 0, (void **)&host->pixels));
}

static VkShaderModule shader(Host *host, const uint32_t *code, size_t sizeInBytes)
{
    VkShaderModuleCreateInfo info = {0};
    VkShaderModule module;
    info.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO;
    info.codeSize = sizeInBytes;
    info.pCode = code;
    VK(vkCreateShaderModule(host->device, &info, NULL, &module));
    return module;
}

static void createPipeline(Host *host)
{
    /* quad.vert and quad.frag, compiled by build-shaders.sh */
    static const uint32_t vertexCode[] = {
#include "quad.vert.inc"
    };
    static const uint32_t fragmentCode[] = {
#include "quad.frag.inc"
    };
    VkDescriptorSetLayoutBinding binding = {0};
    VkDescriptorSetLayoutCreateInfo setLayout = {0};
    VkPushConstantRange push = {VK_SHADER_STAGE_VERTEX_BIT, 0, sizeof(float)};
    VkPipelineLayoutCreateInfo layout = {0};
    VkPipelineShaderStageCreateInfo stages[2] = {{0}, {0}};
    VkPipelineVertexInputStateCreateInfo vertices = {0};
    VkPipelineInputAssemblyStateCreateInfo assembly = {0};
    VkViewport viewport = {0};
    VkRect2D scissor = {{0, 0}, {0, 0}};
    VkPipelineViewportStateCreateInfo view = {0};
    VkPipelineRasterizationStateCreateInfo raster = {0};
    VkPipelineMultisampleStateCreateInfo samples = {0};
    VkPipelineColorBlendAttachmentState attachment = {0};
    VkPipelineColorBlendStateCreateInfo blend = {0};
    VkGraphicsPipelineCreateInfo info = {0};

    binding.descriptorType = VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER;
    binding.descriptorCount = 1;
    binding.stageFlags = VK_SHADER_STAGE_FRAGMENT_BIT;
    setLayout.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO;
    setLayout.bindingCount = 1;
    setLayout.pBindings = &binding;
    VK(vkCreateDescriptorSetLayout(host->device, &setLayout, NULL, &host->setLayout));
    layout.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO;
    layout.setLayoutCount = 1;
    layout.pSetLayouts = &host->setLayout;
    layout.pushConstantRangeCount = 1;
    layout.pPushConstantRanges = &push;
    VK(vkCreatePipelineLayout(host->device, &layout, NULL, &host->layout));

    stages[0].sType = stages[1].sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO;
    stages[0].stage = VK_SHADER_STAGE_VERTEX_BIT;
    stages[0].module = shader(host, vertexCode, sizeof vertexCode);
    stages[1].stage = VK_SHADER_STAGE_FRAGMENT_BIT;
    stages[1].module = shader(host, fragmentCode, sizeof fragmentCode);
    stages[0].pName = stages[1].pName = "main";
    vertices.sType = VK_STRUCTURE_TYPE_PIPELINE_VERTEX_INPUT_STATE_CREATE_INFO;
    assembly.sType = VK_STRUCTURE_TYPE_PIPELINE_INPUT_ASSEMBLY_STATE_CREATE_INFO;
    assembly.topology = VK_PRIMITIVE_TOPOLOGY_TRIANGLE_LIST;
    viewport.width = viewport.height = (float)host->size;
    viewport.maxDepth = 1;
    scissor.extent.width = scissor.extent.height = host->size;
    view.sType = VK_STRUCTURE_TYPE_PIPELINE_VIEWPORT_STATE_CREATE_INFO;
    view.viewportCount = view.scissorCount = 1;
    view.pViewports = &viewport;
    view.pScissors = &scissor;
    raster.sType = VK_STRUCTURE_TYPE_PIPELINE_RASTERIZATION_STATE_CREATE_INFO;
    raster.lineWidth = 1;
    samples.sType = VK_STRUCTURE_TYPE_PIPELINE_MULTISAMPLE_STATE_CREATE_INFO;
    samples.rasterizationSamples = VK_SAMPLE_COUNT_1_BIT;
    attachment.colorWriteMask = 0xF;
    blend.sType = VK_STRUCTURE_TYPE_PIPELINE_COLOR_BLEND_STATE_CREATE_INFO;
    blend.attachmentCount = 1;
    blend.pAttachments = &attachment;
    info.sType = VK_STRUCTURE_TYPE_GRAPHICS_PIPELINE_CREATE_INFO;
    info.stageCount = 2;
    info.pStages = stages;
    info.pVertexInputState = &vertices;
    info.pInputAssemblyState = &assembly;
    info.pViewportState = &view;
    info.pRasterizationState = &raster;
    info.pMultisampleState = &samples;
    info.pColorBlendState = &blend;
    info.layout = host->layout;
    info.renderPass = host->pass;
    VK(vkCreateGraphicsPipelines(host->device, VK_NULL_HANDLE, 1, &info, NULL, &host->pipeline));
    vkDestroyShaderModule(host->device, stages[0].module, NULL);
    vkDestroyShaderModule(host->device, stages[1].module, NULL);
}

void hostCreate(Host *host, uint32_t frameSize)
{
    VkCommandPoolCreateInfo pool = {0};
    VkCommandBufferAllocateInfo commands = {0};
    VkFenceCreateInfo fence = {0};
    int i;

    memset(host, 0, sizeof *host);
    host->size = frameSize;
    createInstance(host);
    createDevice(host);
    pool.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO;
    pool.flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT;
    pool.queueFamilyIndex = host->family;
    VK(vkCreateCommandPool(host->device, &pool, NULL, &host->pool));
    commands.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO;
    commands.commandPool = host->pool;
    commands.commandBufferCount = HOST_FRAMES;
    VK(vkAllocateCommandBuffers(host->device, &commands, host->commands));
    fence.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO;
    fence.flags = VK_FENCE_CREATE_SIGNALED_BIT;
    for (i = 0; i < HOST_FRAMES; i++)
        VK(vkCreateFence(host->device, &fence, NULL, &host->fences[i]));
    createFrame(host);
    createPipeline(host);
}

/* From wherever the layout has been to another, for everything after. */
static void change(VkCommandBuffer commands, VkImage image, VkImageLayout from, VkImageLayout to)
{
    VkImageMemoryBarrier barrier = {0};
    barrier.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER;
    barrier.srcAccessMask = VK_ACCESS_MEMORY_WRITE_BIT;
    barrier.dstAccessMask = VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT;
    barrier.oldLayout = from;
    barrier.newLayout = to;
    barrier.srcQueueFamilyIndex = barrier.dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
    barrier.image = image;
    barrier.subresourceRange.aspectMask = VK_IMAGE_ASPECT_COLOR_BIT;
    barrier.subresourceRange.levelCount = 1;
    barrier.subresourceRange.layerCount = 1;
    vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, 0, 0, NULL, 0, NULL, 1, &barrier);
}

void hostCreateTexture(Host *host, uint32_t size)
{
    const VkClearColorValue dark = {{0.1f, 0.1f, 0.1f, 1}};
    const VkImageSubresourceRange all = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1};
    VkSamplerCreateInfo sampler = {0};
    VkDescriptorPoolSize sizes = {VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, 1};
    VkDescriptorPoolCreateInfo pool = {0};
    VkDescriptorSetAllocateInfo allocation = {0};
    VkDescriptorImageInfo image = {0};
    VkWriteDescriptorSet write = {0};
    VkCommandBuffer commands;
    VkCommandBufferBeginInfo begin = {0};
    VkSubmitInfo submit = {0};

    host->textureSize = size;
    createTarget(host, &host->texture, size, VK_FORMAT_R8G8B8A8_UNORM, VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT);
    sampler.sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO;
    sampler.magFilter = sampler.minFilter = VK_FILTER_LINEAR;
    sampler.addressModeU = sampler.addressModeV = sampler.addressModeW = VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE;
    VK(vkCreateSampler(host->device, &sampler, NULL, &host->sampler));
    pool.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO;
    pool.maxSets = 1;
    pool.poolSizeCount = 1;
    pool.pPoolSizes = &sizes;
    VK(vkCreateDescriptorPool(host->device, &pool, NULL, &host->sets));
    allocation.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO;
    allocation.descriptorPool = host->sets;
    allocation.descriptorSetCount = 1;
    allocation.pSetLayouts = &host->setLayout;
    VK(vkAllocateDescriptorSets(host->device, &allocation, &host->set));
    image.sampler = host->sampler;
    image.imageView = host->texture.view;
    image.imageLayout = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL;
    write.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET;
    write.dstSet = host->set;
    write.descriptorCount = 1;
    write.descriptorType = VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER;
    write.pImageInfo = &image;
    vkUpdateDescriptorSets(host->device, 1, &write, 0, NULL);

    commands = host->commands[0];
    begin.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
    VK(vkBeginCommandBuffer(commands, &begin));
    change(commands, host->texture.image, VK_IMAGE_LAYOUT_UNDEFINED, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL);
    vkCmdClearColorImage(commands, host->texture.image, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, &dark, 1, &all);
    change(commands, host->texture.image, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL);
    VK(vkEndCommandBuffer(commands));
    submit.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
    submit.commandBufferCount = 1;
    submit.pCommandBuffers = &commands;
    VK(vkQueueSubmit(host->queue, 1, &submit, VK_NULL_HANDLE));
    VK(vkQueueWaitIdle(host->queue));
}

VkCommandBuffer hostBeginFrame(Host *host, uint32_t number)
{
    VkCommandBufferBeginInfo begin = {0};
    hostWaitFrame(host, number);
    VK(vkResetFences(host->device, 1, &host->fences[number % HOST_FRAMES]));
    begin.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
    begin.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT;
    VK(vkBeginCommandBuffer(host->commands[number % HOST_FRAMES], &begin));
    return host->commands[number % HOST_FRAMES];
}

void hostEndFrame(Host *host, uint32_t number, float angle)
{
    VkCommandBuffer commands = host->commands[number % HOST_FRAMES];
    VkClearValue clear = {{{0.16f, 0.2f, 0.28f, 1}}};
    VkRenderPassBeginInfo pass = {0};
    VkBufferImageCopy region = {0};
    VkMemoryBarrier toHost = {0};
    VkSubmitInfo submit = {0};

    pass.sType = VK_STRUCTURE_TYPE_RENDER_PASS_BEGIN_INFO;
    pass.renderPass = host->pass;
    pass.framebuffer = host->framebuffer;
    pass.renderArea.extent.width = pass.renderArea.extent.height = host->size;
    pass.clearValueCount = 1;
    pass.pClearValues = &clear;
    vkCmdBeginRenderPass(commands, &pass, VK_SUBPASS_CONTENTS_INLINE);
    vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, host->pipeline);
    vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, host->layout, 0, 1, &host->set, 0, NULL);
    vkCmdPushConstants(commands, host->layout, VK_SHADER_STAGE_VERTEX_BIT, 0, sizeof angle, &angle);
    vkCmdDraw(commands, 6, 1, 0, 0);
    vkCmdEndRenderPass(commands);

    region.imageSubresource.aspectMask = VK_IMAGE_ASPECT_COLOR_BIT;
    region.imageSubresource.layerCount = 1;
    region.imageExtent.width = region.imageExtent.height = host->size;
    region.imageExtent.depth = 1;
    vkCmdCopyImageToBuffer(commands, host->frame.image, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, host->readback, 1, &region);
    /* For the host, and for the next frame's copy. */
    toHost.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER;
    toHost.srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT;
    toHost.dstAccessMask = VK_ACCESS_HOST_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
    vkCmdPipelineBarrier(
        commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_HOST_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT, 0, 1, &toHost, 0, NULL, 0, NULL);
    VK(vkEndCommandBuffer(commands));
    submit.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
    submit.commandBufferCount = 1;
    submit.pCommandBuffers = &commands;
    VK(vkQueueSubmit(host->queue, 1, &submit, host->fences[number % HOST_FRAMES]));
}

void hostWaitFrame(Host *host, uint32_t number)
{
    VK(vkWaitForFences(host->device, 1, &host->fences[number % HOST_FRAMES], VK_TRUE, UINT64_MAX));
}

static void destroyTarget(Host *host, HostTarget *target)
{
    vkDestroyImageView(host->device, target->view, NULL);
    vkDestroyImage(host->device, target->image, NULL);
    vkFreeMemory(host->device, target->memory, NULL);
}

void hostDestroy(Host *host)
{
    int i;
    vkDeviceWaitIdle(host->device);
    vkDestroyPipeline(host->device, host->pipeline, NULL);
    vkDestroyPipelineLayout(host->device, host->layout, NULL);
    vkDestroyDescriptorPool(host->device, host->sets, NULL);
    vkDestroyDescriptorSetLayout(host->device, host->setLayout, NULL);
    vkDestroySampler(host->device, host->sampler, NULL);
    destroyTarget(host, &host->texture);
    vkDestroyBuffer(host->device, host->readback, NULL);
    vkFreeMemory(host->device, host->readbackMemory, NULL);
    vkDestroyFramebuffer(host->device, host->framebuffer, NULL);
    vkDestroyRenderPass(host->device, host->pass, NULL);
    destroyTarget(host, &host->frame);
    for (i = 0; i < HOST_FRAMES; i++)
        vkDestroyFence(host->device, host->fences[i], NULL);
    vkDestroyCommandPool(host->device, host->pool, NULL);
    vkDestroyDevice(host->device, NULL);
    if (host->messenger != VK_NULL_HANDLE) {
        PFN_vkDestroyDebugUtilsMessengerEXT destroy =
            (PFN_vkDestroyDebugUtilsMessengerEXT)vkGetInstanceProcAddr(host->instance, "vkDestroyDebugUtilsMessengerEXT");
        destroy(host->instance, host->messenger, NULL);
    }
    vkDestroyInstance(host->instance, NULL);
}
