/*
 * titok.h: Titok.Vulkan for C. TiTok image tokenizers and generators as Vulkan compute shaders, inside your program.
 *
 * C99 and C++. Link with -ltitok, or load libtitok.so / titok.dll / libtitok.dylib at run time. Vulkan's headers are
 * included for its handles; define VK_NO_PROTOTYPES as you like.
 *
 *   TitokDevice     a Vulkan device: one of the library's own (titokDeviceCreate), or yours (titokDeviceAdopt)
 *   TitokPipeline   a model on a device: a generator and its tokenizer, or a tokenizer alone
 *   TitokJob        one request, done in slices: recorded into your command buffers, or submitted to the device's queue
 *
 * A picture without a renderer; compare every result with TITOK_OK:
 *
 *   TitokDevice device;
 *   TitokPipeline pipeline;
 *   TitokPipelineOptions options = TITOK_INIT(TitokPipelineOptions);
 *   TitokPipelineInfo info = TITOK_INIT(TitokPipelineInfo);
 *   TitokRequest request = TITOK_INIT(TitokRequest);
 *   uint32_t label = 4;   (key, in models/sprites)
 *   options.path = "models/sprites";
 *   request.pictures = 1;
 *   request.classes = &label;
 *   titokDeviceCreate(NULL, &device);
 *   titokPipelineLoad(device, &options, &pipeline);
 *   titokPipelineGetInfo(pipeline, &info);
 *   size_t imageCount = (size_t)3 * info.imageSize * info.imageSize;
 *   float *images = malloc(imageCount * sizeof *images);
 *   titokGenerate(pipeline, &request, NULL, 0, images, imageCount, NULL, NULL);
 *   titokPipelineDestroy(pipeline);
 *   titokDeviceDestroy(device);
 *
 * Inside a renderer: titokRequirementsCreate and -Patch before vkCreateDevice; titokDeviceAdopt, titokPipelineLoad and
 * titokJobGenerate while loading; titokJobSetOutput to an image of yours; then titokJobRecord in every frame until
 * titokJobGetStatus says isFinished. demo/embed-c is a whole program that does so.
 *
 * Pixels. Rows go from the top down, and so do arrays. Of four channels the last is written as 255 or 1, and ignored
 * where it is read.
 *
 * Names. A picture is the model's image, an image a VkImage or an array of floats. N is the number of pictures, S their
 * width and height in pixels, K the tokens per picture, C the channels of a latent, V the codebook's size. Arrays of
 * pictures are planar, [N, 3, S, S]: all of red, then of green, then of blue. Counts are of elements; where one is not
 * what was expected, the message tells both.
 *
 * Results. Every function that can fail returns a TitokResult: TITOK_OK is 0, errors are negative. On an error nothing
 * is written to output parameters, except arrays of pictures, latents and tokens, part of which may have been filled.
 * titokLastMessage() says in one line what was wrong, for the calling thread.
 *
 * Handles. They are checked, not trusted: a null handle, one that was destroyed, or one of another kind gives
 * TITOK_ERROR_INVALID_HANDLE. Destroying something from which others were made and are still alive, or on which a call
 * is in progress, gives TITOK_ERROR_IN_USE. Nothing is destroyed by itself: destroy what you made, in the opposite
 * order.
 *
 * Structures. Set structSize to sizeof the structure, and the rest to 0 where nothing else is wanted:
 * TITOK_INIT(TitokRequest) makes such a value. Structures that are filled in for you need it too. A structure of
 * another size is refused, so that a program and a library of different versions notice. What a structure or an
 * argument points at is copied in the call, and need not outlive it.
 *
 * Texts are UTF-8 and end with 0.
 *
 * Threads. Any thread may use any handle. A job belongs to one thread at a time: a call that meets another one in the
 * same job gives TITOK_ERROR_BUSY; titokJobCancel alone never does.
 *
 * Waiting. These wait for the device: titokPipelineLoad, titokGenerate, titokEncode, titokDecode and their Latents
 * forms, titokJobWait, titokJobReadImages, titokDeviceDestroy, and any call that finds too little device memory, which
 * waits for what pending work still uses before it gives up. No other call does. Beginning a job submits once, without
 * waiting, where the device has timestamps; it may build kernels, which takes time. What is destroyed while submitted
 * work of the library uses it is freed later.
 *
 * Vulkan handles stay yours. docs/embedding.md is the contract: layouts, stages, barriers, what a slice changes in a
 * command buffer.
 */
#ifndef TITOK_H
#define TITOK_H

#include <stddef.h>
#include <stdint.h>

#ifndef VK_VERSION_1_2
#include <vulkan/vulkan_core.h>
#endif

/* A zeroed structure with its size filled in: TitokRequest request = TITOK_INIT(TitokRequest); */
#ifdef __cplusplus
template <typename Structure>
inline Structure titokInit()
{
    Structure structure = Structure();
    structure.structSize = static_cast<uint32_t>(sizeof(Structure));
    return structure;
}
#define TITOK_INIT(type) titokInit<type>()
#else
#define TITOK_INIT(type) { .structSize = (uint32_t)sizeof(type) }
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define TITOK_VERSION_MAJOR 0
#define TITOK_VERSION_MINOR 1
#define TITOK_VERSION_PATCH 0
#define TITOK_MAKE_VERSION(major, minor, patch) (((uint32_t)(major) << 22) | ((uint32_t)(minor) << 12) | (uint32_t)(patch))
#define TITOK_VERSION TITOK_MAKE_VERSION(TITOK_VERSION_MAJOR, TITOK_VERSION_MINOR, TITOK_VERSION_PATCH)

#if defined(_WIN32)
#define TITOK_CALL __cdecl
#if defined(TITOK_STATIC)
#define TITOK_API
#else
#define TITOK_API __declspec(dllimport)
#endif
#else
#define TITOK_CALL
#define TITOK_API
#endif

typedef struct TitokDevice_T *TitokDevice;
typedef struct TitokRequirements_T *TitokRequirements;
typedef struct TitokPipeline_T *TitokPipeline;
typedef struct TitokJob_T *TitokJob;
typedef struct TitokSharedBuffer_T *TitokSharedBuffer;
typedef struct TitokSharedSemaphore_T *TitokSharedSemaphore;

typedef int32_t TitokResult;
enum {
    TITOK_OK = 0,
    TITOK_NOT_READY = 1,                 /* not an error: the device is not done yet (titokJobWait timed out) */
    TITOK_ERROR_UNKNOWN = -1,            /* none of the others: a driver's error, or a bug; see the message */
    TITOK_ERROR_INVALID_ARGUMENT = -2,   /* null, out of range, of the wrong size, or contradictory */
    TITOK_ERROR_INVALID_HANDLE = -3,     /* null, destroyed, or of another kind */
    TITOK_ERROR_INVALID_OPERATION = -4,  /* right arguments at the wrong time, or a job of the wrong kind */
    TITOK_ERROR_IN_USE = -5,             /* something made from it is alive, or a call on it is in progress */
    TITOK_ERROR_BUSY = -6,               /* another thread is in the same job */
    TITOK_ERROR_NO_VULKAN = -7,          /* the Vulkan loader is not installed */
    TITOK_ERROR_NO_DEVICE = -8,          /* no device, or not the one asked for */
    TITOK_ERROR_MISSING_FEATURE = -9,    /* the device lacks something, or the host has not enabled it */
    TITOK_ERROR_OUT_OF_MEMORY = -10,     /* device memory; the message says how much was needed and left */
    TITOK_ERROR_DEVICE_LOST = -11,       /* every call on the device fails from now on, except destroying */
    TITOK_ERROR_BAD_MODEL = -12,         /* a model file is missing, damaged, or does not fit; the message names it */
    TITOK_ERROR_CANCELLED = -13,         /* the progress function asked for it */
    TITOK_ERROR_IO = -14,                /* reserved: model files give BAD_MODEL, and the cache does without */
    TITOK_ERROR_LOADED_TWICE = -15,      /* another copy of the library runs in this process; use that one */
    TITOK_ERROR_NOT_FINITE = -16         /* the model has computed no finite numbers, as where it overflows fp16 */
};

typedef enum TitokPrecision {
    TITOK_PRECISION_AUTO = 0, /* fp16 where the GPU can store it, fp32 on a CPU driver */
    TITOK_PRECISION_FP32 = 1,
    TITOK_PRECISION_FP16 = 2
} TitokPrecision;

typedef enum TitokGeneratorWeights {
    TITOK_GENERATOR_WEIGHTS_AUTO = 0, /* as the precision says */
    TITOK_GENERATOR_WEIGHTS_INT8 = 1  /* int8, one scale per output channel: less to read per step, other tokens */
} TitokGeneratorWeights;

typedef enum TitokProfile {
    TITOK_PROFILE_AUTO = 0,     /* all optional features that the library can use */
    TITOK_PROFILE_PORTABLE = 1, /* no optional feature */
    TITOK_PROFILE_HALF = 2,     /* fp16 weights and activations */
    TITOK_PROFILE_CPU = 3       /* for drivers that run on the CPU */
} TitokProfile;

typedef enum TitokPixelFormat {
    TITOK_PIXEL_RGBA8 = 0,          /* 4 bytes per pixel, sRGB-encoded; for VK_FORMAT_R8G8B8A8_SRGB or _UNORM */
    TITOK_PIXEL_BGRA8 = 1,          /* 4 bytes per pixel, sRGB-encoded; for VK_FORMAT_B8G8R8A8_SRGB or _UNORM */
    TITOK_PIXEL_RGBA16F = 2,        /* 8 bytes, sRGB-encoded, not clamped; for VK_FORMAT_R16G16B16A16_SFLOAT */
    TITOK_PIXEL_RGBA16F_LINEAR = 3, /* 8 bytes, linear light */
    TITOK_PIXEL_PLANAR_F32 = 4      /* fp32 planes [3, S, S]; for buffers and memory, not for images */
} TitokPixelFormat;

typedef enum TitokDecay { TITOK_DECAY_CONSTANT = 0, TITOK_DECAY_LINEAR = 1, TITOK_DECAY_POWER_COSINE = 2 } TitokDecay;

typedef enum TitokLogLevel { TITOK_LOG_DEBUG = 1, TITOK_LOG_INFO = 2, TITOK_LOG_WARNING = 3, TITOK_LOG_ERROR = 4 } TitokLogLevel;

/* ---- the library ------------------------------------------------------------------------------------------------ */

/*
 * Returns TITOK_VERSION of the library. It fits a header of the same major version, and as long as that is 0 of the
 * same minor version.
 */
TITOK_API uint32_t TITOK_CALL titokVersion(void);

/* Returns the name of a result, such as "TITOK_ERROR_IN_USE". Never null. */
TITOK_API const char *TITOK_CALL titokResultName(TitokResult result);

/*
 * Returns in one line what was wrong in the calling thread's latest failed call. Never null; valid until the thread's
 * next call that fails.
 */
TITOK_API const char *TITOK_CALL titokLastMessage(void);

/*
 * Sets the log function; null for none. It is called from any thread, and must not call the library, unwind, or jump
 * out. A thread that is in a call may still be about to call the one before: keep that and its user until none is.
 */
typedef void(TITOK_CALL *TitokLogFunction)(void *user, TitokLogLevel level, const char *message);
TITOK_API TitokResult TITOK_CALL titokSetLog(TitokLogFunction function, void *user);

/* ---- devices ---------------------------------------------------------------------------------------------------- */

typedef enum TitokDeviceType {
    TITOK_DEVICE_TYPE_OTHER = 0,
    TITOK_DEVICE_TYPE_CPU = 1, /* a driver that computes on the CPU */
    TITOK_DEVICE_TYPE_VIRTUAL = 2,
    TITOK_DEVICE_TYPE_INTEGRATED = 3,
    TITOK_DEVICE_TYPE_DISCRETE = 4
} TitokDeviceType;

typedef struct TitokDeviceInfo {
    uint32_t structSize;
    uint32_t index;         /* for TitokDeviceOptions::device; of an adopted device among its instance's, UINT32_MAX if not there */
    TitokDeviceType type;
    char name[256];
    char driver[256];
    char profile[16];       /* portable, half, matrix or cpu: what it has all for; a model may get others that are faster */
    uint8_t uuid[16];
    uint8_t luid[8];        /* zeros where hasLuid is 0 */
    uint32_t hasLuid;
    char pciAddress[16];    /* such as 0000:01:00.0; empty where unknown */
    uint64_t memoryInBytes; /* of its device-local heaps */
    uint32_t isUsable;
    char whyUnusable[256];  /* what it lacks, if it is not usable */
} TitokDeviceInfo;

/*
 * Describes the devices of this machine. count: in, the capacity of infos; out, the number of devices. Set structSize
 * in each element of infos. With infos null it only counts.
 */
TITOK_API TitokResult TITOK_CALL titokEnumerateDevices(TitokDeviceInfo *infos, uint32_t *count);

typedef struct TitokDeviceOptions {
    uint32_t structSize;
    uint32_t validation; /* not 0: the Khronos validation layer with synchronization checks, where it is installed */
    const char *device;  /* an index, part of a name, uuid:..., luid:..., or pci:0000:01:00.0; null for the best */
    const char *cacheFolder; /* made if missing, for compiled kernels and which are fastest; null for titok in the user's
                                cache folder, "" for none; what can't be kept there is logged and found out anew */
} TitokDeviceOptions;

/* Creates a device of the library's own. options may be null. */
TITOK_API TitokResult TITOK_CALL titokDeviceCreate(const TitokDeviceOptions *options, TitokDevice *device);

typedef struct TitokRequirementsInfo {
    uint32_t structSize;
    TitokProfile profile;
    VkInstance instance; /* made with apiVersion 1.2 at least; no instance extension is needed */
    VkPhysicalDevice physicalDevice;
    PFN_vkGetInstanceProcAddr getInstanceProcAddr; /* null for that of the system's loader */
    const char *const *except; /* optional things to leave out, as titokRequirementsDescribe names them; may be null */
    uint32_t exceptCount;
} TitokRequirementsInfo;

/*
 * Finds out what to enable when you create your device. The requirements own what titokRequirementsPatch adds to your
 * create-info: keep them until vkCreateDevice, and titokDeviceAdopt if you pass them to it, have returned, then destroy
 * them.
 */
TITOK_API TitokResult TITOK_CALL titokRequirementsCreate(const TitokRequirementsInfo *info, TitokRequirements *requirements);

/*
 * Gets the device extensions to enable beside yours, all of which the device has. The names are valid until the
 * requirements are destroyed.
 */
TITOK_API TitokResult TITOK_CALL titokRequirementsGetExtensions(TitokRequirements requirements, const char *const **names, uint32_t *count);

/*
 * Gets the names of all that is enabled, features and those extensions: for TitokHostDevice::enabledFeatures, where
 * something of yours is to be added, or the requirements are gone by then. Valid as the others.
 */
TITOK_API TitokResult TITOK_CALL titokRequirementsGetEnabled(TitokRequirements requirements, const char *const **names, uint32_t *count);

/* Gets a suitable queue family: with compute, and if possible without graphics. Any family with compute will do. */
TITOK_API TitokResult TITOK_CALL titokRequirementsGetQueueFamily(TitokRequirements requirements, uint32_t *family);

/*
 * Enables features in the create-info's pNext chain and pEnabledFeatures, whose structures are written to, and adds
 * missing structures in front of the chain: call it last, so that none of yours comes after to contradict them.
 * Extensions and queues are yours to fill in. Where another library makes the device, patch an empty create-info and pass
 * its pNext chain on.
 */
TITOK_API TitokResult TITOK_CALL titokRequirementsPatch(TitokRequirements requirements, VkDeviceCreateInfo *createInfo);

/*
 * Describes one requirement: its name, and what is lost without it. Indices begin at 0; past the last one it returns
 * TITOK_ERROR_INVALID_ARGUMENT. The texts stay valid; each pointer may be null.
 */
TITOK_API TitokResult TITOK_CALL titokRequirementsDescribe(uint32_t index, const char **name, uint32_t *isRequired, const char **without);

/* Frees the requirements, with what they have added to a create-info. */
TITOK_API TitokResult TITOK_CALL titokRequirementsDestroy(TitokRequirements requirements);

typedef void(TITOK_CALL *TitokQueueFunction)(void *user);

/*
 * A piece of your device memory. One that is unmapped though host-visible, or misaligned, gives
 * TITOK_ERROR_INVALID_OPERATION.
 */
typedef struct TitokMemory {
    VkDeviceMemory memory;  /* null: none is left, which the library reports as TITOK_ERROR_OUT_OF_MEMORY */
    uint64_t offsetInBytes; /* where in it the piece starts; a multiple of 65536 */
    void *mapped;           /* the piece's address, where its memory type is host-visible; it stays mapped */
    void *token;            /* yours; passed back to the free function */
} TitokMemory;

/*
 * Fill in memory, or leave it zeroed. hasDeviceAddress not 0: VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT is needed. Both
 * functions are called by one thread at a time, under a lock of the library. They must not call it; and while you hold a
 * lock that they take, call nothing of the library.
 */
typedef void(TITOK_CALL *TitokAllocateFunction)(
    void *user, uint64_t sizeInBytes, uint32_t memoryTypeIndex, uint32_t hasDeviceAddress, const char *purpose, TitokMemory *memory);
typedef void(TITOK_CALL *TitokFreeFunction)(void *user, const TitokMemory *memory);

typedef struct TitokHostDevice {
    uint32_t structSize;
    uint32_t queueFamily;
    VkInstance instance;
    VkPhysicalDevice physicalDevice;
    VkDevice device;
    VkQueue queue;                                 /* for the library's submissions and your slices */
    PFN_vkGetInstanceProcAddr getInstanceProcAddr; /* null for that of the system's loader */
    uint32_t apiVersion;                           /* VkApplicationInfo::apiVersion; 0 for 1.2; faster attention from 1.3 */
    uint32_t enabledFeatureCount;                  /* what of the requirements is enabled (the log tells what is not): by name, */
    const char *const *enabledFeatures;            /* features and extensions, as titokRequirementsDescribe names them; */
    TitokRequirements requirements;                /* or, where this is not null, all that it enabled */
    VkPipelineCache pipelineCache;                 /* null for one of the library's own, kept in cacheFolder */
    const char *cacheFolder;                       /* as in TitokDeviceOptions */
    TitokQueueFunction lockQueue;                  /* around every submission, from any thread; both or neither */
    TitokQueueFunction unlockQueue;
    void *queueUser;
    TitokAllocateFunction allocate; /* your device memory instead of vkAllocateMemory; both or neither */
    TitokFreeFunction free;
    void *memoryUser;
    uint32_t debugLabels; /* not 0: names and labels for frame debuggers; the instance has VK_EXT_debug_utils enabled */
} TitokHostDevice;

/*
 * Adopts a device of yours, of which nothing is destroyed. It must outlive the TitokDevice.
 *
 * While you hold the lock that lockQueue takes, call nothing but titokJobRecord, -TakeBack, -MarkExecuted, -Cancel,
 * -GetStatus, -CheckResults, -ReadTokens, -ReadLatents and -ReadOutput: these never submit, and take no lock that the
 * library holds while it does. Any other call may wait for a thread that waits for your lock.
 */
TITOK_API TitokResult TITOK_CALL titokDeviceAdopt(const TitokHostDevice *host, TitokDevice *device);

/* Describes a device. */
TITOK_API TitokResult TITOK_CALL titokDeviceGetInfo(TitokDevice device, TitokDeviceInfo *info);

/* Gets the timeline semaphore that TitokSliceInfo::timelineValue is of. You may wait for it; don't signal it. */
TITOK_API TitokResult TITOK_CALL titokDeviceGetTimelineSemaphore(TitokDevice device, VkSemaphore *semaphore);

/*
 * Gets the bytes of device memory in use by models and jobs, and the number of validation messages so far (on a device
 * of the library's own). Either may be null.
 */
TITOK_API TitokResult TITOK_CALL titokDeviceGetUsage(TitokDevice device, uint64_t *memoryInBytes, uint32_t *validationMessages);

/* Waits for the library's own submissions. Your command buffers with slices must have been executed or reset. */
TITOK_API TitokResult TITOK_CALL titokDeviceDestroy(TitokDevice device);

/* ---- models ----------------------------------------------------------------------------------------------------- */

/*
 * Reads part of a file into bytes, all of it: 0, or anything else where that can't be done, which ends the call with
 * TITOK_ERROR_BAD_MODEL. Called in the calling thread, for parts in any order, some of them more than once. It must not
 * call the library, unwind, or jump out.
 */
typedef int(TITOK_CALL *TitokReadFunction)(void *user, uint64_t offsetInBytes, void *bytes, size_t sizeInBytes);

/*
 * A file of a model that you have in memory, or read part by part, by its name in a model folder:
 * "tokenizer/model.safetensors", "classes.txt".
 */
typedef struct TitokModelFile {
    const char *name;    /* relative, with slashes */
    const void *content; /* not copied; it must stay until the call has returned; null with a read function */
    size_t sizeInBytes;
    TitokReadFunction read; /* null with content */
    void *readUser;
} TitokModelFile;

/*
 * Called in the loading thread before each tensor, and at the end: share is that of the weights' bytes which are loaded, 0
 * to 1, and stays 0 while kernels are compiled, tested and measured, the first time on a device. It may call the library,
 * and must not unwind or jump out. Returning anything but 0 cancels: TITOK_ERROR_CANCELLED. What else a job needs is built
 * when one is begun.
 */
typedef int(TITOK_CALL *TitokLoadFunction)(void *user, double share);

/*
 * A model: path for both parts; path and one part, which takes the place of its own; tokenizer and generator; or tokenizer
 * alone, to load it without a generator. Labels and presets are those beside the generator. With files these are looked up
 * among them instead of on disk: "" is the folder that holds them all, which is also meant where nothing is named.
 */
typedef struct TitokPipelineOptions {
    uint32_t structSize;
    TitokPrecision precision;
    const char *path;      /* a model folder with both parts; null where the parts are named */
    const char *tokenizer; /* a folder, or a weights file beside its config.json; null for that of path */
    const char *generator; /* the same; where path is null too, the tokenizer is loaded alone */
    TitokGeneratorWeights generatorWeights;
    uint32_t fileCount;          /* at most 256; 0 for files on disk */
    const TitokModelFile *files;
    TitokLoadFunction progress;  /* may be null */
    void *progressUser;
} TitokPipelineOptions;

/*
 * Loads a model. A path without a generator gives TITOK_ERROR_BAD_MODEL: name it as the tokenizer to load it alone. No
 * file is open any more, or needed, once it has returned. Waits for the device.
 */
TITOK_API TitokResult TITOK_CALL titokPipelineLoad(TitokDevice device, const TitokPipelineOptions *options, TitokPipeline *pipeline);

typedef struct TitokPipelineInfo {
    uint32_t structSize;
    uint32_t imageSize;       /* S: pictures are S x S */
    uint32_t latentTokens;    /* K: tokens per picture, or latents */
    uint32_t codebookSize;    /* V: tokens are 0 to V - 1, and V stands for a masked one; 0 for a VAE */
    uint32_t isContinuous;    /* not 0: a VAE, with latents instead of tokens: use the functions named ...Latents */
    uint32_t latentChannels;  /* C */
    uint32_t classes;         /* 0 without a generator */
    uint32_t maxPicturesPerJob; /* 0 from titokModelGetInfo: it depends on the device */
    uint64_t parameters;
    TitokPrecision precision;               /* fp32 or fp16, as loaded; AUTO from titokModelGetInfo */
    TitokGeneratorWeights generatorWeights; /* INT8, or AUTO where they are stored as the precision says */
} TitokPipelineInfo;

/* Describes a model. */
TITOK_API TitokResult TITOK_CALL titokPipelineGetInfo(TitokPipeline pipeline, TitokPipelineInfo *info);

typedef struct TitokModelMemory {
    uint32_t structSize;
    uint64_t weightsInBytes; /* device memory for the weights */
    uint64_t workInBytes;    /* for one picture; N at a time take at most N times as much */
} TitokModelMemory;

/*
 * Describes what titokPipelineLoad would load, and what it would take, without reading weights. device may be null: memory
 * is that with portable kernels then, which take less of it than those for CPUs, and TITOK_PRECISION_AUTO counts as fp32.
 * With a device its kernels are tried, if they never were. info and memory may be null.
 */
TITOK_API TitokResult TITOK_CALL titokModelGetInfo(
    TitokDevice device, const TitokPipelineOptions *options, TitokPipelineInfo *info, TitokModelMemory *memory);

/* Gets the label of a class; empty if the model has none. Valid until the pipeline is destroyed. */
TITOK_API TitokResult TITOK_CALL titokPipelineGetLabel(TitokPipeline pipeline, uint32_t classIndex, const char **label);

typedef struct TitokSettings {
    uint32_t structSize;
    uint32_t steps; /* 1 to 1024 */
    float guidance; /* scale of classifier-free guidance, -10000 to 10000; none is 0, with TITOK_DECAY_POWER_COSINE 1 */
    TitokDecay decay;
    float guidancePower; /* exponent of the power-cosine schedule, 0 to 100; usually 3 */
    float temperature; /* of the sampling noise, 0 to 10000; falls to 0 in the last step */
    uint32_t anneal;   /* not 0: logit temperature annealing */
} TitokSettings;

/*
 * Gets named settings: "demo", "paper" where the model has them, and those of its folder; null for the model's default.
 */
TITOK_API TitokResult TITOK_CALL titokPipelineGetPreset(TitokPipeline pipeline, const char *name, TitokSettings *settings);

/*
 * Gets the names of those settings. Indices begin at 0; past the last one it returns TITOK_ERROR_INVALID_ARGUMENT.
 * Valid until the pipeline is destroyed.
 */
TITOK_API TitokResult TITOK_CALL titokPipelineGetPresetName(TitokPipeline pipeline, uint32_t index, const char **name);

/*
 * Never waits: what the library has submitted may still be pending, and what it uses is freed later. Your command buffers
 * with slices of the pipeline, also of jobs that are destroyed, must have been executed or reset.
 */
TITOK_API TitokResult TITOK_CALL titokPipelineDestroy(TitokPipeline pipeline);

/* ---- pictures by blocking calls: these wait for the device ------------------------------------------------------- */

/* In all of them: TITOK_ERROR_NOT_FINITE where the model has computed no finite numbers, as titokJobCheckResults says. */

typedef struct TitokRequest {
    uint32_t structSize;
    uint32_t pictures;          /* N, at most 65536, as in all calls; an array takes at most 536870911 elements */
    const uint32_t *classes;    /* N */
    uint64_t seed;              /* picture i uses seed + i */
    const int32_t *knownTokens; /* N*K given token ids, -1 where the generator is to choose; null for none */
    TitokSettings settings;     /* zeros: the model's default; else from titokPipelineGetPreset, with structSize */
} TitokRequest;

/* Where a request stands after a sampling step. */
typedef struct TitokStep {
    uint32_t structSize;
    uint32_t step;         /* that was just executed; from 0 */
    uint32_t steps;        /* in total */
    uint32_t firstPicture; /* first picture of tokens: requests for more pictures than a job makes run in batches */
    const int32_t *tokens; /* of the batch's pictures, K each, V for a masked position; valid during the call */
    size_t tokenCount;
} TitokStep;

/*
 * Called after every step, in the calling thread; it must not unwind or jump out. Returning anything but 0 cancels:
 * TITOK_ERROR_CANCELLED.
 */
typedef int(TITOK_CALL *TitokProgressFunction)(void *user, const TitokStep *step);

/*
 * Generates. tokens takes N*K ids, images N*3*S*S floats (about 0..1, not clamped). Either may be null with a count of
 * 0; without images nothing is decoded. progress may be null; without it nothing is read back before the pictures.
 * Waits for the device.
 */
TITOK_API TitokResult TITOK_CALL titokGenerate(
    TitokPipeline pipeline, const TitokRequest *request, int32_t *tokens, size_t tokenCount, float *images, size_t imageCount,
    TitokProgressFunction progress, void *user);

/*
 * Called after every batch of pictures that is encoded or decoded, in the calling thread, with how many are done; it must
 * not unwind or jump out. Returning anything but 0 cancels: TITOK_ERROR_CANCELLED. On a GPU a batch may be all of them: a
 * job's slices are shorter.
 */
typedef int(TITOK_CALL *TitokPicturesFunction)(void *user, uint32_t pictures);

/*
 * Encodes pictures [N, 3, S, S] in 0..1 as tokens [N, K]. TITOK_ERROR_INVALID_OPERATION with a VAE, here and wherever
 * tokens are given. progress may be null, as in the functions below. Waits for the device.
 */
TITOK_API TitokResult TITOK_CALL titokEncode(
    TitokPipeline pipeline, uint32_t pictures, const float *images, size_t imageCount, int32_t *tokens, size_t tokenCount,
    TitokPicturesFunction progress, void *user);

/* Decodes tokens [N, K] to pictures [N, 3, S, S]. Waits for the device. */
TITOK_API TitokResult TITOK_CALL titokDecode(
    TitokPipeline pipeline, uint32_t pictures, const int32_t *tokens, size_t tokenCount, float *images, size_t imageCount,
    TitokPicturesFunction progress, void *user);

/*
 * The same with a VAE's latents [N, C, 1, K], as titok's .npy files have them. Encoding gives the mean, or if seed is
 * not null a sample around it, with *seed + i for picture i. TITOK_ERROR_INVALID_OPERATION with other tokenizers. Waits
 * for the device.
 */
TITOK_API TitokResult TITOK_CALL titokEncodeLatents(
    TitokPipeline pipeline, uint32_t pictures, const float *images, size_t imageCount, const uint64_t *seed, float *latents,
    size_t latentCount, TitokPicturesFunction progress, void *user);
TITOK_API TitokResult TITOK_CALL titokDecodeLatents(
    TitokPipeline pipeline, uint32_t pictures, const float *latents, size_t latentCount, float *images, size_t imageCount,
    TitokPicturesFunction progress, void *user);

/* ---- jobs: in slices, without waiting ---------------------------------------------------------------------------- */

/*
 * Begins a request, of at most maxPicturesPerJob pictures. Its memory and kernels are made now, unless a destroyed job
 * of the same size has left some; what an output needs is made when it is set. From then on no slice allocates. Several
 * jobs of a pipeline may be in flight at once. It submits once, without waiting, where the device has timestamps.
 */
TITOK_API TitokResult TITOK_CALL titokJobGenerate(TitokPipeline pipeline, const TitokRequest *request, TitokJob *job);

/* Begins to decode tokens [N, K], or a VAE's latents [N, C, 1, K]. */
TITOK_API TitokResult TITOK_CALL titokJobDecode(TitokPipeline pipeline, uint32_t pictures, const int32_t *tokens, size_t tokenCount, TitokJob *job);
TITOK_API TitokResult TITOK_CALL titokJobDecodeLatents(TitokPipeline pipeline, uint32_t pictures, const float *latents, size_t latentCount, TitokJob *job);

typedef enum TitokInputKind {
    TITOK_INPUT_MEMORY = 0, /* pixels, copied in the call */
    TITOK_INPUT_IMAGE = 1,  /* a VkImage with VK_IMAGE_USAGE_TRANSFER_SRC_BIT */
    TITOK_INPUT_BUFFER = 2  /* a VkBuffer with VK_BUFFER_USAGE_TRANSFER_SRC_BIT */
} TitokInputKind;

/*
 * Where pictures of S x S pixels come from. Images and buffers are read on the device, by the first slice each time the
 * job is started or restarted. The fourth channel is ignored. Bytes are sRGB-encoded; fp16 is clamped to 0..1.
 */
typedef struct TitokInput {
    uint32_t structSize;
    TitokInputKind kind;
    TitokPixelFormat format;
    VkImageLayout layout; /* before and after it is read; UNDEFINED (0) stands for SHADER_READ_ONLY_OPTIMAL */
    uint32_t mipLevel;
    uint32_t firstLayer;
    uint32_t columns; /* 0: one layer per picture; else all in one layer, so many side by side */
    uint32_t x;
    uint32_t y;
    VkImage image;
    VkBuffer buffer;
    uint64_t offsetInBytes; /* in the buffer; a multiple of 4 */
    const void *pixels;     /* in memory, one picture after the other */
    size_t sizeInBytes;     /* N*S*S times the format's bytes per pixel (12 for planes) */
} TitokInput;

/* Begins to encode pictures, as tokens (titokJobReadTokens) or as a VAE's mean (titokJobReadLatents). */
TITOK_API TitokResult TITOK_CALL titokJobEncode(TitokPipeline pipeline, uint32_t pictures, const TitokInput *input, TitokJob *job);

/* Begins to encode pictures and decode them again, with a VAE from the mean. */
TITOK_API TitokResult TITOK_CALL titokJobReconstruct(TitokPipeline pipeline, uint32_t pictures, const TitokInput *input, TitokJob *job);

typedef enum TitokOutputKind {
    TITOK_OUTPUT_NONE = 0,   /* left on the device, for titokJobReadImages */
    TITOK_OUTPUT_IMAGE = 1,  /* a VkImage with VK_IMAGE_USAGE_TRANSFER_DST_BIT */
    TITOK_OUTPUT_BUFFER = 2, /* a VkBuffer with VK_BUFFER_USAGE_TRANSFER_DST_BIT */
    TITOK_OUTPUT_MEMORY = 3  /* for titokJobReadOutput */
} TitokOutputKind;

typedef struct TitokOutput {
    uint32_t structSize;
    TitokOutputKind kind;
    TitokPixelFormat format;
    VkImageLayout layoutBefore; /* the image's whenever a picture is written; UNDEFINED discards the layers' contents */
    VkImageLayout layoutAfter;  /* UNDEFINED (0) stands for SHADER_READ_ONLY_OPTIMAL */
    uint32_t mipLevel;
    uint32_t firstLayer;
    uint32_t columns; /* 0: one layer per picture; else all in one layer, so many side by side */
    uint32_t x;
    uint32_t y;
    VkImage image;
    VkBuffer buffer;
    uint64_t offsetInBytes; /* in the buffer; a multiple of 4 */
    uint32_t releaseToExternal; /* not 0, for a shared buffer: what was written is released to VK_QUEUE_FAMILY_EXTERNAL */
} TitokOutput;

/*
 * Sets where a job's pictures go, if it makes any, and starts the job over, which must be idle. previewSteps not 0, for
 * jobs of titokJobGenerate: a picture is also written after every step, with the step's prediction at positions that are
 * still masked. Each costs what decoding costs. To get at each one, bound slices by TitokSlice::upToOutput, or by one
 * step. There must be an output then, and an image's layoutBefore is UNDEFINED or its layoutAfter.
 */
TITOK_API TitokResult TITOK_CALL titokJobSetOutput(TitokJob job, const TitokOutput *output, uint32_t previewSteps);

/*
 * How much to do. Set at most one of dispatches, steps, everything and milliseconds and leave the others 0; all 0 means
 * 8 milliseconds. A slice has at least one dispatch.
 */
typedef struct TitokSlice {
    uint32_t structSize;
    uint32_t dispatches;
    uint32_t steps;      /* sampling steps; the last one includes what comes after it */
    uint32_t everything; /* not 0: all that is left */
    double milliseconds; /* expected time on the device, as learned from earlier slices */
    uint32_t upToOutput; /* not 0: with any bound, also ends once the output has been written */
} TitokSlice;

typedef struct TitokSliceInfo {
    uint32_t structSize;
    uint32_t dispatches;    /* in the slice */
    int64_t number;         /* counts the job's slices; -1: nothing was recorded, see isLast */
    double milliseconds;    /* expected time; NaN until it is learned: each dispatch has been in two slices with timestamps */
    uint32_t stepsRecorded; /* steps recorded so far */
    uint32_t isLast;        /* nothing is left to record; 0 with number -1: 16 slices are in flight, try again later */
    uint32_t outputsRecorded; /* writes to the output recorded so far: one per previewed step, and the last */
    uint64_t timelineValue; /* that titokDeviceGetTimelineSemaphore's reaches after it; 0 for titokJobRecord */
} TitokSliceInfo;

/*
 * Records the next slice into a command buffer of yours, which is in the recording state, outside a render pass, and of
 * the adopted queue's family. Submit the command buffers in the order of the slices, each once, to the adopted queue or
 * to another of its family that is ordered with it. slice and info may be null.
 */
TITOK_API TitokResult TITOK_CALL titokJobRecord(TitokJob job, VkCommandBuffer commandBuffer, const TitokSlice *slice, TitokSliceInfo *info);

typedef struct TitokSemaphore {
    VkSemaphore semaphore;
    uint64_t value; /* of a timeline semaphore */
} TitokSemaphore;

/*
 * Submits the next slice to the device's queue, after waits and before signals. It does not wait. slice and info may be
 * null, and so may waits and signals with a count of 0; at most 64 of each, and the library's own timeline not among the
 * signals. Where nothing is submitted no semaphore is touched: with some given it is TITOK_NOT_READY while 16 slices are
 * in flight, and TITOK_ERROR_INVALID_OPERATION once nothing is left.
 */
TITOK_API TitokResult TITOK_CALL titokJobSubmit(
    TitokJob job, const TitokSlice *slice, const TitokSemaphore *waits, uint32_t waitCount, const TitokSemaphore *signals,
    uint32_t signalCount, TitokSliceInfo *info);

typedef struct TitokJobStatus {
    uint32_t structSize;
    uint32_t steps;
    uint32_t stepsRecorded;
    uint32_t stepsExecuted;
    uint32_t isRecorded; /* nothing is left to record */
    uint32_t isFinished; /* and all of it is executed */
    uint32_t isIdle;     /* all that was recorded is executed: the job may be restarted */
    uint32_t isCancelled;
    uint32_t stepCapacity;    /* maximum steps that titokJobRestart takes */
    uint32_t outputsExecuted; /* how often the output has been written since the start */
    double progress;              /* share of the work that is executed, 0 to 1 */
    double lastSliceMilliseconds; /* device time of the last executed slice; NaN if unknown, as for whole steps */
} TitokJobStatus;

/* Asks the device how far it is. Never waits. */
TITOK_API TitokResult TITOK_CALL titokJobGetStatus(TitokJob job, TitokJobStatus *status);

/*
 * Checks that what a finished job has made is finite numbers, as the blocking calls do by themselves: else
 * TITOK_ERROR_NOT_FINITE, and the message names the picture and the stage, which is the generator's logits, the encoder's
 * latents or the decoder's pixels. A job's outputs and what is read from it are what the device has computed, whatever
 * that is: pixels that are no numbers are black as bytes. Never waits.
 */
TITOK_API TitokResult TITOK_CALL titokJobCheckResults(TitokJob job);

/* Waits for what titokJobSubmit has submitted; TITOK_NOT_READY after the timeout. UINT64_MAX waits for ever. */
TITOK_API TitokResult TITOK_CALL titokJobWait(TitokJob job, uint64_t timeoutInNanoseconds);

/* Only for devices without timestamps: tells that your command buffers up to this slice are executed. */
TITOK_API TitokResult TITOK_CALL titokJobMarkExecuted(TitokJob job, int64_t slice);

/* Takes the latest slice back, whose command buffer you have discarded: it will be recorded again. */
TITOK_API TitokResult TITOK_CALL titokJobTakeBack(TitokJob job, int64_t slice);

/* Stops recording; what was recorded goes on. Any thread may call it, also while another is in the job. */
TITOK_API TitokResult TITOK_CALL titokJobCancel(TitokJob job);

/*
 * Reads the token ids [N, K] after a step, from 0, that is executed: below stepsExecuted. V stands for a masked
 * position; the last step, steps - 1, leaves none, unless logits are not finite numbers. The positions that a step
 * unmasked are those that were V in the step before. A step that is not executed yet is out of range:
 * TITOK_ERROR_INVALID_ARGUMENT. For other jobs, which must be finished, step is 0: a decoding job returns the tokens that
 * it was given, an encoding or reconstructing job those of its input pictures, with V where latents are not finite
 * numbers. Never waits.
 */
TITOK_API TitokResult TITOK_CALL titokJobReadTokens(TitokJob job, uint32_t step, int32_t *tokens, size_t tokenCount);

/* The same with latents [N, C, 1, K], where the tokenizer is a VAE. */
TITOK_API TitokResult TITOK_CALL titokJobReadLatents(TitokJob job, float *latents, size_t latentCount);

/*
 * Reads the pictures of a finished job with TITOK_OUTPUT_MEMORY, one after the other: N*S*S times the format's bytes
 * per pixel (12 for planes). With previews also those of an idle job after any step: the latest ones. Never waits.
 */
TITOK_API TitokResult TITOK_CALL titokJobReadOutput(TitokJob job, void *pixels, size_t sizeInBytes);

/* Reads the pictures [N, 3, S, S] of a finished job, whatever its output: submits, and waits for all that is queued before. */
TITOK_API TitokResult TITOK_CALL titokJobReadImages(TitokJob job, float *images, size_t imageCount);

/*
 * Start an idle job over: with another request, of as many pictures and at most stepCapacity steps; with another seed;
 * or with other tokens, latents or pictures, of the kind that it was begun with. titokJobRestart with a null request
 * starts any job over with its last request or input; an image or a buffer is read again.
 */
TITOK_API TitokResult TITOK_CALL titokJobRestart(TitokJob job, const TitokRequest *request);
TITOK_API TitokResult TITOK_CALL titokJobRestartSeed(TitokJob job, uint64_t seed);
TITOK_API TitokResult TITOK_CALL titokJobRestartTokens(TitokJob job, const int32_t *tokens, size_t tokenCount);
TITOK_API TitokResult TITOK_CALL titokJobRestartLatents(TitokJob job, const float *latents, size_t latentCount);
TITOK_API TitokResult TITOK_CALL titokJobRestartInput(TitokJob job, const TitokInput *input);

/*
 * Gives the job's memory back to its pipeline, which uses it again once the slices are executed. A slice that never will
 * be has to be taken back (titokJobTakeBack) before. Never waits, and submits nothing.
 */
TITOK_API TitokResult TITOK_CALL titokJobDestroy(TitokJob job);

/* ---- sharing with other devices, processes and APIs -------------------------------------------------------------- */

typedef enum TitokHandleType {
    TITOK_HANDLE_OPAQUE_FD = 0,
    TITOK_HANDLE_DMA_BUF = 1, /* for memory; semaphores are exported as opaque ones */
    TITOK_HANDLE_OPAQUE_WIN32 = 2
} TitokHandleType;

typedef struct TitokSharedBufferInfo {
    uint32_t structSize;
    uint32_t memoryTypeIndex;   /* for the importer's VkMemoryAllocateInfo; the memory is dedicated to the buffer */
    VkBuffer buffer;            /* for TitokOutput */
    uint64_t sizeInBytes;
    uint64_t memorySizeInBytes; /* the importer's VkMemoryAllocateInfo::allocationSize */
} TitokSharedBufferInfo;

/*
 * Creates a buffer to export, for a job's output, of VK_SHARING_MODE_EXCLUSIVE; TITOK_ERROR_MISSING_FEATURE if the device
 * can't share it this way. An importer that is Vulkan acquires it from VK_QUEUE_FAMILY_EXTERNAL: set
 * TitokOutput::releaseToExternal, or release it in a command buffer of yours that comes after.
 */
TITOK_API TitokResult TITOK_CALL titokSharedBufferCreate(TitokDevice device, uint64_t sizeInBytes, TitokHandleType type, TitokSharedBuffer *buffer);

/* Describes a shared buffer: what to give to whoever imports it. */
TITOK_API TitokResult TITOK_CALL titokSharedBufferGetInfo(TitokSharedBuffer buffer, TitokSharedBufferInfo *info);

/* Makes a new file descriptor or NT handle; yours to import or to close. */
TITOK_API TitokResult TITOK_CALL titokSharedBufferExport(TitokSharedBuffer buffer, intptr_t *handle);

/*
 * Never waits; what titokJobSubmit has submitted may still use it, and it is freed later. Your command buffers with
 * slices that use it must have been executed, and no job may still have it as its output.
 */
TITOK_API TitokResult TITOK_CALL titokSharedBufferDestroy(TitokSharedBuffer buffer);

/* Creates a semaphore to export, for titokJobSubmit's waits and signals: timeline or binary. */
TITOK_API TitokResult TITOK_CALL titokSharedSemaphoreCreate(
    TitokDevice device, TitokHandleType type, uint32_t isTimeline, TitokSharedSemaphore *semaphore);

/* Gets the semaphore, for TitokSemaphore. */
TITOK_API TitokResult TITOK_CALL titokSharedSemaphoreGetHandle(TitokSharedSemaphore semaphore, VkSemaphore *handle);

/* Makes a new file descriptor or NT handle; yours to import or to close. */
TITOK_API TitokResult TITOK_CALL titokSharedSemaphoreExport(TitokSharedSemaphore semaphore, intptr_t *handle);

/* Never waits; what titokJobSubmit has submitted may still use it. Your own submissions with it must have been executed. */
TITOK_API TitokResult TITOK_CALL titokSharedSemaphoreDestroy(TitokSharedSemaphore semaphore);

#ifdef __cplusplus
}
#endif

#endif
