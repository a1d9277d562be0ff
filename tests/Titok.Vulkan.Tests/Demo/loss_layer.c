/*
 * A Vulkan layer that loses devices. When the file that TITOK_LOSS names is there, it is taken away, and the device at work is
 * lost for good, as after a reset of its driver: every call that can say so does, and nothing reaches the device any more. A
 * device made afterwards works. It looks after one device at a time, as the window has.
 */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vulkan/vk_layer.h>

#define EXPORTED __attribute__((visibility("default")))

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static PFN_vkGetInstanceProcAddr nextOfInstance;
static PFN_vkGetDeviceProcAddr nextOfDevice;
static VkInstance instance;
static VkDevice device;
static int lost;

static int isLost(void)
{
    int answer;
    pthread_mutex_lock(&lock);
    answer = lost;
    pthread_mutex_unlock(&lock);
    return answer;
}

/* A function of the device that answers for it once it is lost. */
#define GUARDED(name, parameters, arguments) \
    static VKAPI_ATTR VkResult VKAPI_CALL name parameters \
    { \
        return isLost() ? VK_ERROR_DEVICE_LOST : ((PFN_vk##name)nextOfDevice(device, "vk" #name)) arguments; \
    }
GUARDED(QueuePresentKHR, (VkQueue queue, const VkPresentInfoKHR *info), (queue, info))
GUARDED(QueueWaitIdle, (VkQueue queue), (queue))
GUARDED(DeviceWaitIdle, (VkDevice of), (of))
GUARDED(WaitForFences, (VkDevice of, uint32_t count, const VkFence *fences, VkBool32 all, uint64_t timeout), (of, count, fences, all, timeout))
GUARDED(GetFenceStatus, (VkDevice of, VkFence fence), (of, fence))
GUARDED(WaitSemaphores, (VkDevice of, const VkSemaphoreWaitInfo *info, uint64_t timeout), (of, info, timeout))
GUARDED(GetSemaphoreCounterValue, (VkDevice of, VkSemaphore semaphore, uint64_t *value), (of, semaphore, value))
GUARDED(GetQueryPoolResults,
    (VkDevice of, VkQueryPool pool, uint32_t first, uint32_t count, size_t size, void *data, VkDeviceSize stride, VkQueryResultFlags flags),
    (of, pool, first, count, size, data, stride, flags))
GUARDED(AcquireNextImageKHR,
    (VkDevice of, VkSwapchainKHR swapchain, uint64_t timeout, VkSemaphore semaphore, VkFence fence, uint32_t *image),
    (of, swapchain, timeout, semaphore, fence, image))

/* Devices are lost here, where the caller has the queue to itself. */
static VKAPI_ATTR VkResult VKAPI_CALL QueueSubmit(VkQueue queue, uint32_t count, const VkSubmitInfo *submits, VkFence fence)
{
    const char *file = getenv("TITOK_LOSS");
    if (isLost())
        return VK_ERROR_DEVICE_LOST;
    if (file != NULL && remove(file) == 0) {
        /* One that is really lost works on nothing any more; this one would go on behind the program's back. */
        ((PFN_vkDeviceWaitIdle)nextOfDevice(device, "vkDeviceWaitIdle"))(device);
        pthread_mutex_lock(&lock);
        lost = 1;
        pthread_mutex_unlock(&lock);
        return VK_ERROR_DEVICE_LOST;
    }
    return ((PFN_vkQueueSubmit)nextOfDevice(device, "vkQueueSubmit"))(queue, count, submits, fence);
}

static VKAPI_ATTR VkResult VKAPI_CALL CreateInstance(const VkInstanceCreateInfo *info, const VkAllocationCallbacks *allocator, VkInstance *made)
{
    VkLayerInstanceCreateInfo *link = (VkLayerInstanceCreateInfo *)info->pNext;
    VkResult result;
    while (link->sType != VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO || link->function != VK_LAYER_LINK_INFO)
        link = (VkLayerInstanceCreateInfo *)link->pNext;
    nextOfInstance = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;
    result = ((PFN_vkCreateInstance)nextOfInstance(VK_NULL_HANDLE, "vkCreateInstance"))(info, allocator, made);
    if (result == VK_SUCCESS)
        instance = *made;
    return result;
}

static VKAPI_ATTR VkResult VKAPI_CALL CreateDevice(VkPhysicalDevice of, const VkDeviceCreateInfo *info, const VkAllocationCallbacks *allocator, VkDevice *made)
{
    VkLayerDeviceCreateInfo *link = (VkLayerDeviceCreateInfo *)info->pNext;
    VkResult result;
    while (link->sType != VK_STRUCTURE_TYPE_LOADER_DEVICE_CREATE_INFO || link->function != VK_LAYER_LINK_INFO)
        link = (VkLayerDeviceCreateInfo *)link->pNext;
    nextOfDevice = link->u.pLayerInfo->pfnNextGetDeviceProcAddr;
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;
    result = ((PFN_vkCreateDevice)nextOfInstance(instance, "vkCreateDevice"))(of, info, allocator, made);
    pthread_mutex_lock(&lock);
    device = result == VK_SUCCESS ? *made : VK_NULL_HANDLE;
    lost = 0;
    pthread_mutex_unlock(&lock);
    return result;
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL GetDeviceProcAddr(VkDevice of, const char *name);

static PFN_vkVoidFunction own(const char *name)
{
#define OWN(function) if (strcmp(name, "vk" #function) == 0) return (PFN_vkVoidFunction)function
    OWN(CreateInstance);
    OWN(CreateDevice);
    OWN(GetDeviceProcAddr);
    OWN(QueueSubmit);
    OWN(QueuePresentKHR);
    OWN(QueueWaitIdle);
    OWN(DeviceWaitIdle);
    OWN(WaitForFences);
    OWN(GetFenceStatus);
    OWN(WaitSemaphores);
    OWN(GetSemaphoreCounterValue);
    OWN(GetQueryPoolResults);
    OWN(AcquireNextImageKHR);
    return NULL;
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL GetDeviceProcAddr(VkDevice of, const char *name)
{
    PFN_vkVoidFunction mine = own(name);
    return mine != NULL ? mine : nextOfDevice(of, name);
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL GetInstanceProcAddr(VkInstance of, const char *name)
{
    PFN_vkVoidFunction mine = own(name);
    return mine != NULL ? mine : nextOfInstance(of, name);
}

EXPORTED VKAPI_ATTR VkResult VKAPI_CALL vkNegotiateLoaderLayerInterfaceVersion(VkNegotiateLayerInterface *versions)
{
    versions->loaderLayerInterfaceVersion = 2;
    versions->pfnGetInstanceProcAddr = GetInstanceProcAddr;
    versions->pfnGetDeviceProcAddr = GetDeviceProcAddr;
    versions->pfnGetPhysicalDeviceProcAddr = NULL;
    return VK_SUCCESS;
}
