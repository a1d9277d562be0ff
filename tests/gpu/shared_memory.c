/*
 * How much shared memory a kernel in PTX may have when Vulkan launches it (VK_NVX_binary_import), declared by the kernel or
 * asked for by the launch: shared_memory STATIC_BYTES DYNAMIC_BYTES. A launch that asks for too much loses the device, so each
 * is a process of its own:
 *
 *   cc -std=c99 -O1 tests/gpu/shared_memory.c -o shared_memory -lvulkan
 *   for n in 49152 65536 102400 163840; do ./shared_memory $n 0; ./shared_memory 0 $n; done
 *
 * Every thread writes a word of each KiB and reads what another one wrote. It ends with 0 where that is right, with 77 where no
 * device has the extension.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vulkan/vulkan.h>

#define THREADS 128
#define BLOCKS 1024
#define VK(call) do { VkResult r_ = (call); if (r_ != VK_SUCCESS) { printf("%s gave %d\n", #call, r_); exit(1); } } while (0)
#define FUNCTION(name) PFN_##name name##_ = (PFN_##name)vkGetDeviceProcAddr(device, #name)

/* Thread t of a block writes the block's number plus t to word t of each KiB, and adds up what thread 127 - t wrote. */
static const char *const source =
    ".version 8.0\n.target sm_80\n.address_size 64\n"
    "%s.visible .entry touch(.param .u64 to, .param .u32 size)\n"
    "{\n  .reg .u64 %%to, %%at; .reg .u32 %%t, %%block, %%size, %%offset, %%address, %%v, %%sum, %%base; .reg .pred %%p;\n"
    "  ld.param.u64 %%to, [to];\n  ld.param.u32 %%size, [size];\n  mov.u32 %%t, %%tid.x;\n  mov.u32 %%block, %%ctaid.x;\n"
    "  mov.u32 %%base, room;\n  mov.u32 %%offset, 0;\n"
    "WRITE:\n  mad.lo.u32 %%address, %%t, 4, %%base;\n  add.u32 %%address, %%address, %%offset;\n  add.u32 %%v, %%block, %%t;\n"
    "  st.shared.u32 [%%address], %%v;\n  add.u32 %%offset, %%offset, 1024;\n  setp.lt.u32 %%p, %%offset, %%size;\n  @%%p bra WRITE;\n"
    "  bar.sync 0;\n  mov.u32 %%offset, 0;\n  mov.u32 %%sum, 0;\n"
    "READ:\n  sub.u32 %%address, 127, %%t;\n  mad.lo.u32 %%address, %%address, 4, %%base;\n  add.u32 %%address, %%address, %%offset;\n"
    "  ld.shared.u32 %%v, [%%address];\n  add.u32 %%sum, %%sum, %%v;\n  add.u32 %%offset, %%offset, 1024;\n"
    "  setp.lt.u32 %%p, %%offset, %%size;\n  @%%p bra READ;\n"
    "  mad.lo.u32 %%v, %%block, 128, %%t;\n  mul.wide.u32 %%at, %%v, 4;\n  add.u64 %%at, %%at, %%to;\n  st.global.u32 [%%at], %%sum;\n  ret;\n}\n";

int main(int argc, char **argv)
{
    VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO};
    VkInstanceCreateInfo instanceInfo = {.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO};
    VkInstance instance;
    VkPhysicalDevice devices[16], physical = VK_NULL_HANDLE;
    uint32_t count = 16, i, j, fixed, dynamic, size, wrong = 0;
    char room[128], ptx[4096];

    if (argc != 3)
        return 2;
    fixed = (uint32_t)atoi(argv[1]);
    dynamic = (uint32_t)atoi(argv[2]);
    size = fixed > 0 ? fixed : dynamic;
    application.apiVersion = VK_API_VERSION_1_2;
    instanceInfo.pApplicationInfo = &application;
    VK(vkCreateInstance(&instanceInfo, NULL, &instance));
    vkEnumeratePhysicalDevices(instance, &count, devices);
    for (i = 0; i < count && physical == VK_NULL_HANDLE; i++) {
        static VkExtensionProperties extensions[1024];
        uint32_t extensionCount = 1024;
        vkEnumerateDeviceExtensionProperties(devices[i], NULL, &extensionCount, extensions);
        for (j = 0; j < extensionCount; j++) {
            if (strcmp(extensions[j].extensionName, VK_NVX_BINARY_IMPORT_EXTENSION_NAME) == 0)
                physical = devices[i];
        }
    }
    if (physical == VK_NULL_HANDLE) {
        printf("no device has %s\n", VK_NVX_BINARY_IMPORT_EXTENSION_NAME);
        return 77;
    }

    const char *const extension = VK_NVX_BINARY_IMPORT_EXTENSION_NAME;
    float priority = 1;
    VkDeviceQueueCreateInfo queueInfo = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO};
    VkPhysicalDeviceVulkan12Features features = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES};
    VkDeviceCreateInfo deviceInfo = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO};
    VkDevice device;
    VkQueue queue;
    queueInfo.queueCount = 1;
    queueInfo.pQueuePriorities = &priority;
    features.bufferDeviceAddress = VK_TRUE;
    deviceInfo.pNext = &features;
    deviceInfo.queueCreateInfoCount = 1;
    deviceInfo.pQueueCreateInfos = &queueInfo;
    deviceInfo.enabledExtensionCount = 1;
    deviceInfo.ppEnabledExtensionNames = &extension;
    VK(vkCreateDevice(physical, &deviceInfo, NULL, &device));
    vkGetDeviceQueue(device, 0, 0, &queue);

    VkBufferCreateInfo bufferInfo = {.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO};
    VkBuffer buffer;
    VkMemoryRequirements requirements;
    VkPhysicalDeviceMemoryProperties properties;
    VkMemoryAllocateFlagsInfo flags = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO};
    VkMemoryAllocateInfo allocation = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO};
    const VkMemoryPropertyFlags wanted = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    VkDeviceMemory memory;
    uint32_t *words;
    bufferInfo.size = (VkDeviceSize)THREADS * BLOCKS * 4;
    bufferInfo.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
    VK(vkCreateBuffer(device, &bufferInfo, NULL, &buffer));
    vkGetBufferMemoryRequirements(device, buffer, &requirements);
    vkGetPhysicalDeviceMemoryProperties(physical, &properties);
    for (i = 0; i < properties.memoryTypeCount; i++) {
        if ((requirements.memoryTypeBits >> i & 1) != 0 && (properties.memoryTypes[i].propertyFlags & wanted) == wanted)
            break;
    }
    flags.flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT;
    allocation.pNext = &flags;
    allocation.allocationSize = requirements.size;
    allocation.memoryTypeIndex = i;
    VK(vkAllocateMemory(device, &allocation, NULL, &memory));
    VK(vkBindBufferMemory(device, buffer, memory, 0));
    VK(vkMapMemory(device, memory, 0, VK_WHOLE_SIZE, 0, (void **)&words));
    memset(words, 0xff, (size_t)bufferInfo.size);

    FUNCTION(vkCreateCuModuleNVX);
    FUNCTION(vkCreateCuFunctionNVX);
    FUNCTION(vkCmdCuLaunchKernelNVX);
    VkCuModuleCreateInfoNVX moduleInfo = {.sType = VK_STRUCTURE_TYPE_CU_MODULE_CREATE_INFO_NVX};
    VkCuFunctionCreateInfoNVX functionInfo = {.sType = VK_STRUCTURE_TYPE_CU_FUNCTION_CREATE_INFO_NVX};
    VkCuModuleNVX module;
    VkCuFunctionNVX function;
    if (fixed > 0)
        snprintf(room, sizeof room, ".shared .align 128 .b8 room[%u];\n", fixed);
    else
        snprintf(room, sizeof room, ".extern .shared .align 128 .b8 room[];\n");
    snprintf(ptx, sizeof ptx, source, room);
    moduleInfo.dataSize = strlen(ptx) + 1;
    moduleInfo.pData = ptx;
    VK(vkCreateCuModuleNVX_(device, &moduleInfo, NULL, &module));
    functionInfo.module = module;
    functionInfo.pName = "touch";
    VK(vkCreateCuFunctionNVX_(device, &functionInfo, NULL, &function));

    VkCommandPoolCreateInfo poolInfo = {.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO};
    VkCommandPool pool;
    VkCommandBufferAllocateInfo commandInfo = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO};
    VkCommandBuffer commands;
    VkCommandBufferBeginInfo begin = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
    VkSubmitInfo submit = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO};
    VkBufferDeviceAddressInfo addressInfo = {.sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO};
    struct {
        uint64_t to;
        uint32_t size;
    } parameters;
    size_t parameterSize = 12;
    /* As one buffer, in the words of CUDA's cuLaunchKernel. */
    const void *extras[] = {(void *)1, &parameters, (void *)2, &parameterSize, (void *)0};
    VkCuLaunchInfoNVX launch = {.sType = VK_STRUCTURE_TYPE_CU_LAUNCH_INFO_NVX};
    VK(vkCreateCommandPool(device, &poolInfo, NULL, &pool));
    commandInfo.commandPool = pool;
    commandInfo.commandBufferCount = 1;
    VK(vkAllocateCommandBuffers(device, &commandInfo, &commands));
    addressInfo.buffer = buffer;
    parameters.to = vkGetBufferDeviceAddress(device, &addressInfo);
    parameters.size = size;
    launch.function = function;
    launch.gridDimX = BLOCKS;
    launch.gridDimY = launch.gridDimZ = launch.blockDimY = launch.blockDimZ = 1;
    launch.blockDimX = THREADS;
    launch.sharedMemBytes = dynamic;
    launch.extraCount = 5;
    launch.pExtras = extras;
    VK(vkBeginCommandBuffer(commands, &begin));
    vkCmdCuLaunchKernelNVX_(commands, &launch);
    VK(vkEndCommandBuffer(commands));
    submit.commandBufferCount = 1;
    submit.pCommandBuffers = &commands;
    VK(vkQueueSubmit(queue, 1, &submit, VK_NULL_HANDLE));
    VK(vkQueueWaitIdle(queue));
    for (i = 0; i < BLOCKS; i++) {
        for (j = 0; j < THREADS; j++)
            wrong += words[i * THREADS + j] != (i + THREADS - 1 - j) * (size / 1024) ? 1 : 0;
    }
    printf("%u bytes declared, %u asked for: %s\n", fixed, dynamic, wrong == 0 ? "right" : "wrong");
    return wrong != 0;
}
