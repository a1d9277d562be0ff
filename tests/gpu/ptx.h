/* Kernels in PTX, launched by Vulkan (VK_NVX_binary_import) on one queue: what the programs beside this one have in common. */
#ifndef PTX_H
#define PTX_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vulkan/vulkan.h>

/* Exit code where no device has the extension. */
#define UNSUPPORTED 77
#define VK(call) do { VkResult r_ = (call); if (r_ != VK_SUCCESS) { printf("%s gave %d\n", #call, r_); exit(1); } } while (0)

static struct {
    VkPhysicalDevice physical;
    VkDevice device;
    VkQueue queue;
    VkCommandPool pool;
    PFN_vkCreateCuModuleNVX createModule;
    PFN_vkCreateCuFunctionNVX createFunction;
    PFN_vkCmdCuLaunchKernelNVX launch;
} gpu;

/* Opens the first device that has the extension, or ends the process with UNSUPPORTED. */
static void openGpu(void)
{
    const char *const extension = VK_NVX_BINARY_IMPORT_EXTENSION_NAME;
    VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO, .apiVersion = VK_API_VERSION_1_2};
    VkInstanceCreateInfo instanceInfo = {.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO, .pApplicationInfo = &application};
    VkInstance instance;
    VkPhysicalDevice devices[16];
    uint32_t count = 16, i, j;
    VK(vkCreateInstance(&instanceInfo, NULL, &instance));
    vkEnumeratePhysicalDevices(instance, &count, devices);
    for (i = 0; i < count && gpu.physical == VK_NULL_HANDLE; i++) {
        static VkExtensionProperties extensions[1024];
        uint32_t extensionCount = 1024;
        vkEnumerateDeviceExtensionProperties(devices[i], NULL, &extensionCount, extensions);
        for (j = 0; j < extensionCount; j++) {
            if (strcmp(extensions[j].extensionName, extension) == 0)
                gpu.physical = devices[i];
        }
    }
    if (gpu.physical == VK_NULL_HANDLE) {
        printf("no device has %s\n", extension);
        exit(UNSUPPORTED);
    }

    float priority = 1;
    VkDeviceQueueCreateInfo queueInfo = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO, .queueCount = 1, .pQueuePriorities = &priority};
    VkPhysicalDeviceVulkan12Features features = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES, .bufferDeviceAddress = VK_TRUE};
    VkDeviceCreateInfo deviceInfo = {
        .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, .pNext = &features, .queueCreateInfoCount = 1, .pQueueCreateInfos = &queueInfo,
        .enabledExtensionCount = 1, .ppEnabledExtensionNames = &extension,
    };
    VkCommandPoolCreateInfo poolInfo = {.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO};
    VK(vkCreateDevice(gpu.physical, &deviceInfo, NULL, &gpu.device));
    vkGetDeviceQueue(gpu.device, 0, 0, &gpu.queue);
    VK(vkCreateCommandPool(gpu.device, &poolInfo, NULL, &gpu.pool));
    gpu.createModule = (PFN_vkCreateCuModuleNVX)vkGetDeviceProcAddr(gpu.device, "vkCreateCuModuleNVX");
    gpu.createFunction = (PFN_vkCreateCuFunctionNVX)vkGetDeviceProcAddr(gpu.device, "vkCreateCuFunctionNVX");
    gpu.launch = (PFN_vkCmdCuLaunchKernelNVX)vkGetDeviceProcAddr(gpu.device, "vkCmdCuLaunchKernelNVX");
}

/* Mapped memory of at least this size, of the kind asked for; its address for kernels goes to address. */
static uint32_t *createBuffer(VkDeviceSize size, VkMemoryPropertyFlags kind, uint64_t *address)
{
    VkBufferCreateInfo bufferInfo = {
        .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO, .size = size,
        .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT,
    };
    VkMemoryAllocateFlagsInfo flags = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO, .flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT};
    VkMemoryAllocateInfo allocation = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, .pNext = &flags};
    VkBufferDeviceAddressInfo addressInfo = {.sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO};
    VkMemoryRequirements requirements;
    VkPhysicalDeviceMemoryProperties properties;
    VkDeviceMemory memory;
    void *mapped;
    kind |= VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    VK(vkCreateBuffer(gpu.device, &bufferInfo, NULL, &addressInfo.buffer));
    vkGetBufferMemoryRequirements(gpu.device, addressInfo.buffer, &requirements);
    vkGetPhysicalDeviceMemoryProperties(gpu.physical, &properties);
    for (; allocation.memoryTypeIndex < properties.memoryTypeCount; allocation.memoryTypeIndex++) {
        if ((requirements.memoryTypeBits >> allocation.memoryTypeIndex & 1) != 0
            && (properties.memoryTypes[allocation.memoryTypeIndex].propertyFlags & kind) == kind)
            break;
    }
    if (allocation.memoryTypeIndex == properties.memoryTypeCount) {
        printf("the device has no memory of kind %#x\n", kind);
        exit(1);
    }
    allocation.allocationSize = requirements.size;
    VK(vkAllocateMemory(gpu.device, &allocation, NULL, &memory));
    VK(vkBindBufferMemory(gpu.device, addressInfo.buffer, memory, 0));
    VK(vkMapMemory(gpu.device, memory, 0, VK_WHOLE_SIZE, 0, &mapped));
    *address = vkGetBufferDeviceAddress(gpu.device, &addressInfo);
    return mapped;
}

static VkCuFunctionNVX createFunction(const char *ptx, const char *name)
{
    VkCuModuleCreateInfoNVX moduleInfo = {.sType = VK_STRUCTURE_TYPE_CU_MODULE_CREATE_INFO_NVX, .dataSize = strlen(ptx) + 1, .pData = ptx};
    VkCuFunctionCreateInfoNVX functionInfo = {.sType = VK_STRUCTURE_TYPE_CU_FUNCTION_CREATE_INFO_NVX, .pName = name};
    VkCuFunctionNVX function;
    VK(gpu.createModule(gpu.device, &moduleInfo, NULL, &functionInfo.module));
    VK(gpu.createFunction(gpu.device, &functionInfo, NULL, &function));
    return function;
}

static VkCommandBuffer beginCommands(void)
{
    VkCommandBufferAllocateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO, .commandPool = gpu.pool, .commandBufferCount = 1,
    };
    VkCommandBufferBeginInfo begin = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
    VkCommandBuffer commands;
    VK(vkAllocateCommandBuffers(gpu.device, &info, &commands));
    VK(vkBeginCommandBuffer(commands, &begin));
    return commands;
}

/* Parameters lie as the kernel declares them, and are read while it is recorded. */
static void launch(
    VkCommandBuffer commands, VkCuFunctionNVX function, uint32_t blocks, uint32_t threads, uint32_t sharedMemory, const void *parameters, size_t size)
{
    /* As one buffer, in the words of CUDA's cuLaunchKernel. */
    const void *extras[] = {(void *)1, parameters, (void *)2, &size, (void *)0};
    VkCuLaunchInfoNVX info = {
        .sType = VK_STRUCTURE_TYPE_CU_LAUNCH_INFO_NVX, .function = function, .gridDimX = blocks, .gridDimY = 1, .gridDimZ = 1, .blockDimX = threads,
        .blockDimY = 1, .blockDimZ = 1, .sharedMemBytes = sharedMemory, .extraCount = 5, .pExtras = extras,
    };
    gpu.launch(commands, &info);
}

/* Runs them, and waits until they are done. */
static void run(VkCommandBuffer commands)
{
    VkSubmitInfo submit = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO, .commandBufferCount = 1, .pCommandBuffers = &commands};
    VK(vkEndCommandBuffer(commands));
    VK(vkQueueSubmit(gpu.queue, 1, &submit, VK_NULL_HANDLE));
    VK(vkQueueWaitIdle(gpu.queue));
}

#endif
