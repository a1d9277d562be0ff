/*
 * titok.h: Titok.Vulkan from C. TiTok picture tokenizers and generators as Vulkan compute shaders, in a program of yours.
 *
 * C99 and C++. Link with -ltitok, or load libtitok.so / titok.dll / libtitok.dylib at run time. Vulkan's headers are
 * included, for its handles; define VK_NO_PROTOTYPES as you like.
 *
 *   TitokDevice     a Vulkan device: one of the library's own (titokDeviceCreate), or yours (titokDeviceAdopt)
 *   TitokPipeline   a model on a device: a generator and its tokenizer, or a tokenizer alone
 *   TitokJob        one request, done in slices: recorded into your command buffers, or submitted to the device's queue
 *
 * A picture without a renderer, every result to be compared with TITOK_OK:
 *
 *   TitokPipelineOptions options = TITOK_INIT(TitokPipelineOptions);
 *   TitokRequest request = TITOK_INIT(TitokRequest);
 *   uint32_t label = 3;
 *   options.path = "models/sprites";
 *   request.pictures = 1;
 *   request.classes = &label;
 *   titokDeviceCreate(NULL, &device);
 *   titokPipelineLoad(device, &options, &pipeline);
 *   titokGenerate(pipeline, &request, NULL, 0, images, imageCount, NULL, NULL);   (3 * S * S floats)
 *   titokPipelineDestroy(pipeline);
 *   titokDeviceDestroy(device);
 *
 * Inside a renderer: titokRequirementsCreate and -Patch before vkCreateDevice, titokDeviceAdopt, titokPipelineLoad and
 * titokJobGenerate while loading, titokJobSetOutput to an image of yours, then titokJobRecord in every frame until
 * titokJobGetStatus says isFinished. demo/embed-c is a whole program that does so.
 *
 * Names. N is the number of pictures, S the pixels a side, K the tokens a picture, C the channels of a latent, V the
 * codebook's entries. Pictures are planar, [N, 3, S, S]: all of red, then of green, then of blue. Counts are of
 * elements; where one is not what was expected, the message tells both.
 *
 * Results. Every function that can fail returns a TitokResult: TITOK_OK is 0, errors are negative. Nothing is written to
 * output parameters on an error, but for arrays of pictures, latents and tokens, part of which may have been filled.
 * titokLastMessage() says in one line what was wrong, for the calling thread.
 *
 * Handles. They are checked, not trusted: a null handle, one that was destroyed, or one of another kind gives
 * TITOK_ERROR_INVALID_HANDLE. What others are made from can't be destroyed before them, and nothing while a call on it is
 * going on: that gives TITOK_ERROR_IN_USE. Nothing is destroyed by itself: what you made you destroy, in the opposite order.
 *
 * Structures. Set structSize to sizeof the structure, and the rest to 0 where nothing else is wanted:
 * TITOK_INIT(TitokRequest) makes such a value. That is needed of structures that are filled in for you, too. A structure
 * of another size is refused, so that a program and a library of different versions find out. What a structure or an
 * argument points at is copied in the call, and need not outlive it.
 *
 * Texts are UTF-8 and end with 0.
 *
 * Threads. Any thread may use any handle. A job belongs to one thread at a time: a call that meets another one in the
 * same job gives TITOK_ERROR_BUSY. Calls that wait for the device say so; no other call does.
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

/* A zeroed structure with its size filled in: TitokRequest request = TITOK_INIT(TitokRequest); */
#ifdef __cplusplus
#define TITOK_INIT(type) { static_cast<uint32_t>(sizeof(type)) }
#else
#define TITOK_INIT(type) { .structSize = (uint32_t)sizeof(type) }
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
    TITOK_NOT_READY = 1,                 /* no error: the device is not done yet (titokJobWait timed out) */
    TITOK_ERROR_UNKNOWN = -1,            /* none of the others: an error of the driver's, or a bug; the message has what is known */
    TITOK_ERROR_INVALID_ARGUMENT = -2,   /* null, out of range, of the wrong size, or contradictory */
    TITOK_ERROR_INVALID_HANDLE = -3,     /* null, destroyed, or of another kind */
    TITOK_ERROR_INVALID_OPERATION = -4,  /* right arguments at the wrong time, or a job of the wrong kind */
    TITOK_ERROR_IN_USE = -5,             /* something made from it is alive, or a call on it is going on */
    TITOK_ERROR_BUSY = -6,               /* another thread is in the same job */
    TITOK_ERROR_NO_VULKAN = -7,          /* the Vulkan loader is not installed */
    TITOK_ERROR_NO_DEVICE = -8,          /* no device, or not the one asked for */
    TITOK_ERROR_MISSING_FEATURE = -9,    /* the device lacks something, or the host has not turned it on */
    TITOK_ERROR_OUT_OF_MEMORY = -10,     /* device memory; the message says how much was needed and there was */
    TITOK_ERROR_DEVICE_LOST = -11,       /* everything of the device refuses from now on; destroying works */
    TITOK_ERROR_BAD_MODEL = -12,         /* a model file is missing, damaged, or does not fit; the message names it */
    TITOK_ERROR_CANCELLED = -13,         /* the progress callback said so */
    TITOK_ERROR_IO = -14,                /* a file or folder could not be read or written */
    TITOK_ERROR_LOADED_TWICE = -15       /* another copy of the library runs in this process; use that one */
};

typedef enum TitokPrecision {
    TITOK_PRECISION_AUTO = 0, /* fp16 where the GPU stores it, fp32 on a CPU driver */
    TITOK_PRECISION_FP32 = 1,
    TITOK_PRECISION_FP16 = 2
} TitokPrecision;

typedef enum TitokGeneratorWeights {
    TITOK_GENERATOR_WEIGHTS_AUTO = 0, /* as the precision says */
    TITOK_GENERATOR_WEIGHTS_INT8 = 1  /* 8 bits with a scale for each output feature: less to read a step, other tokens */
} TitokGeneratorWeights;

typedef enum TitokProfile {
    TITOK_PROFILE_AUTO = 0,     /* everything that is of use */
    TITOK_PROFILE_PORTABLE = 1, /* nothing optional */
    TITOK_PROFILE_HALF = 2,     /* fp16 weights and activations */
    TITOK_PROFILE_CPU = 3       /* for drivers that run on the CPU */
} TitokProfile;

typedef enum TitokPixelFormat {
    TITOK_PIXEL_RGBA8 = 0,          /* 4 bytes a pixel; for VK_FORMAT_R8G8B8A8_SRGB or _UNORM */
    TITOK_PIXEL_BGRA8 = 1,          /* 4 bytes a pixel; for VK_FORMAT_B8G8R8A8_SRGB or _UNORM */
    TITOK_PIXEL_RGBA16F = 2,        /* 8 bytes; sRGB's curve, not clamped; for VK_FORMAT_R16G16B16A16_SFLOAT */
    TITOK_PIXEL_RGBA16F_LINEAR = 3, /* 8 bytes; linear light */
    TITOK_PIXEL_PLANAR_F32 = 4      /* fp32 planes [3, S, S]; for buffers and memory, not for images */
} TitokPixelFormat;

typedef enum TitokDecay { TITOK_DECAY_CONSTANT = 0, TITOK_DECAY_LINEAR = 1, TITOK_DECAY_POWER_COSINE = 2 } TitokDecay;

typedef enum TitokLogLevel { TITOK_LOG_DEBUG = 1, TITOK_LOG_INFO = 2, TITOK_LOG_WARNING = 3, TITOK_LOG_ERROR = 4 } TitokLogLevel;

/* ---- the library ------------------------------------------------------------------------------------------------ */

/* TITOK_VERSION of the library. It fits a header of the same major version; while that is 0, of the same minor one too. */
TITOK_API uint32_t TITOK_CALL titokVersion(void);

/* The name of a result, such as "TITOK_ERROR_IN_USE". Never null. */
TITOK_API const char *TITOK_CALL titokResultName(TitokResult result);

/* What was wrong in the calling thread's latest failed call, in one line. Never null; good until the thread's next call that fails. */
TITOK_API const char *TITOK_CALL titokLastMessage(void);

/* Called from whichever thread has something to say; it must not call the library, unwind, or jump out. Null for none. */
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
    uint32_t index;         /* for TitokDeviceOptions::device */
    TitokDeviceType type;
    char name[256];
    char driver[256];
    char profile[16];       /* kernels it is given: portable, half, matrix or cpu */
    uint8_t uuid[16];
    uint8_t luid[8];        /* zeros where hasLuid is 0 */
    uint32_t hasLuid;
    char pciAddress[16];    /* such as 0000:01:00.0; empty where unknown */
    uint64_t memoryInBytes; /* of its device-local heaps */
    uint32_t isUsable;
    char whyUnusable[256];  /* what it lacks, if it is not */
} TitokDeviceInfo;

/*
 * Describes the devices of this machine. count: in, room in infos, each of whose structSize is set; out, devices there
 * are. infos may be null to ask how many.
 */
TITOK_API TitokResult TITOK_CALL titokEnumerateDevices(TitokDeviceInfo *infos, uint32_t *count);

typedef struct TitokDeviceOptions {
    uint32_t structSize;
    uint32_t validation; /* not 0: the Khronos validation layer with synchronization checks, where it is installed */
    const char *device;  /* an index, part of a name, uuid:…, luid:…, or pci:0000:01:00.0; null for the best there is */
} TitokDeviceOptions;

/* A device of the library's own. options may be null. */
TITOK_API TitokResult TITOK_CALL titokDeviceCreate(const TitokDeviceOptions *options, TitokDevice *device);

typedef struct TitokRequirementsInfo {
    uint32_t structSize;
    TitokProfile profile;
    VkInstance instance; /* made with apiVersion 1.2 at least; no instance extension is needed */
    VkPhysicalDevice physicalDevice;
    PFN_vkGetInstanceProcAddr getInstanceProcAddr; /* null for that of the system's loader */
} TitokRequirementsInfo;

/*
 * What to turn on when you make your device. It owns what titokRequirementsPatch adds to your create-info: keep it until
 * vkCreateDevice, and titokDeviceAdopt if that gets it, are done, then destroy it.
 */
TITOK_API TitokResult TITOK_CALL titokRequirementsCreate(const TitokRequirementsInfo *info, TitokRequirements *requirements);

/* Device extensions to turn on, among yours, all of which the device has; the names are good until the requirements are destroyed. */
TITOK_API TitokResult TITOK_CALL titokRequirementsGetExtensions(TitokRequirements requirements, const char *const **names, uint32_t *count);

/* A queue family that suits: with compute, and if it may be without graphics. Any family with compute will do. */
TITOK_API TitokResult TITOK_CALL titokRequirementsGetQueueFamily(TitokRequirements requirements, uint32_t *family);

/*
 * Turns features on in the create-info's pNext chain and pEnabledFeatures, whose structures are written to; adds what is
 * missing in front. Extensions and queues are yours to fill in.
 */
TITOK_API TitokResult TITOK_CALL titokRequirementsPatch(TitokRequirements requirements, VkDeviceCreateInfo *createInfo);

/*
 * What is wanted of any device, one thing an index: its name, and what is lost without it. From 0;
 * TITOK_ERROR_INVALID_ARGUMENT past the last. The texts stay; each pointer may be null.
 */
TITOK_API TitokResult TITOK_CALL titokRequirementsDescribe(uint32_t index, const char **name, uint32_t *isRequired, const char **without);

TITOK_API TitokResult TITOK_CALL titokRequirementsDestroy(TitokRequirements requirements);

typedef void(TITOK_CALL *TitokQueueFunction)(void *user);

/* A piece of device memory of yours. */
typedef struct TitokMemory {
    VkDeviceMemory memory;  /* null: there is none to be had, which the library reports as TITOK_ERROR_OUT_OF_MEMORY */
    uint64_t offsetInBytes; /* where in it the piece starts; a multiple of 65536 */
    void *mapped;           /* the piece's address, where its memory type is host-visible; it stays mapped */
    void *token;            /* your own; comes back with the free function */
} TitokMemory;

/* Fill in memory, or leave it as it is: zeros. hasDeviceAddress not 0: VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT is needed. */
typedef void(TITOK_CALL *TitokAllocateFunction)(
    void *user, uint64_t sizeInBytes, uint32_t memoryTypeIndex, uint32_t hasDeviceAddress, const char *purpose, TitokMemory *memory);
typedef void(TITOK_CALL *TitokFreeFunction)(void *user, const TitokMemory *memory);

typedef struct TitokHostDevice {
    uint32_t structSize;
    uint32_t queueFamily;
    VkInstance instance;
    VkPhysicalDevice physicalDevice;
    VkDevice device;
    VkQueue queue;                                 /* gets the library's submissions, and your command buffers with slices */
    PFN_vkGetInstanceProcAddr getInstanceProcAddr; /* null for that of the system's loader */
    uint32_t apiVersion;                           /* VkApplicationInfo::apiVersion; 0 for 1.2 */
    uint32_t enabledFeatureCount;                  /* what is turned on, of the wanted: by name… */
    const char *const *enabledFeatures;            /* (features and extensions, as titokRequirementsDescribe names what is not required) */
    TitokRequirements requirements;                /* …or, where this is not null, all that it asked for */
    VkPipelineCache pipelineCache;                 /* null for one of the library's own */
    TitokQueueFunction lockQueue;                  /* called around every submission, from any thread; both or neither */
    TitokQueueFunction unlockQueue;
    void *queueUser;
    TitokAllocateFunction allocate; /* device memory of yours instead of vkAllocateMemory; both or neither */
    TitokFreeFunction free;
    void *memoryUser;
} TitokHostDevice;

/* A device of yours, of which nothing is destroyed. It must outlive what is made here. */
TITOK_API TitokResult TITOK_CALL titokDeviceAdopt(const TitokHostDevice *host, TitokDevice *device);

TITOK_API TitokResult TITOK_CALL titokDeviceGetInfo(TitokDevice device, TitokDeviceInfo *info);

/* The timeline semaphore whose values titokJobSubmit tells. Wait for it as you like; don't signal it. */
TITOK_API TitokResult TITOK_CALL titokDeviceGetTimelineSemaphore(TitokDevice device, VkSemaphore *semaphore);

/* Bytes of device memory in use by models and jobs, and the validation layer's messages so far (on a device of the library's own). Either may be null. */
TITOK_API TitokResult TITOK_CALL titokDeviceGetUsage(TitokDevice device, uint64_t *memoryInBytes, uint32_t *validationMessages);

/* Waits for the library's own submissions. Your command buffers with slices must be executed or freed. */
TITOK_API TitokResult TITOK_CALL titokDeviceDestroy(TitokDevice device);

/* ---- models ----------------------------------------------------------------------------------------------------- */

typedef struct TitokPipelineOptions {
    uint32_t structSize;
    TitokPrecision precision;
    const char *path;      /* a model folder, UTF-8; or null and the two parts: */
    const char *tokenizer; /* a folder, or a weights file beside its config.json */
    const char *generator; /* the same */
    TitokGeneratorWeights generatorWeights;
} TitokPipelineOptions;

/* Loads a model. Waits for the device. */
TITOK_API TitokResult TITOK_CALL titokPipelineLoad(TitokDevice device, const TitokPipelineOptions *options, TitokPipeline *pipeline);

typedef struct TitokPipelineInfo {
    uint32_t structSize;
    uint32_t imageSize;       /* S: pictures are S x S */
    uint32_t latentTokens;    /* K: tokens a picture, or latents */
    uint32_t codebookSize;    /* V: tokens are 0 to V - 1; V stands for a masked one; 0 for a VAE */
    uint32_t isContinuous;    /* not 0: a VAE, which has latents instead of tokens: use the functions with Latents in their names */
    uint32_t latentChannels;  /* C */
    uint32_t classes;         /* 0 without a generator */
    uint32_t maxPicturesPerJob;
    uint64_t parameters;
} TitokPipelineInfo;

TITOK_API TitokResult TITOK_CALL titokPipelineGetInfo(TitokPipeline pipeline, TitokPipelineInfo *info);

/* The label of a class; empty if the model has none. Good until the pipeline is destroyed. */
TITOK_API TitokResult TITOK_CALL titokPipelineGetLabel(TitokPipeline pipeline, uint32_t classIndex, const char **label);

typedef struct TitokSettings {
    uint32_t structSize;
    uint32_t steps; /* 1 to 1024 */
    float guidance; /* scale of classifier-free guidance, -10000 to 10000; 0 for none, with TITOK_DECAY_POWER_COSINE 1 */
    TitokDecay decay;
    float guidancePower; /* of the power-cosine schedule, 0 to 100; 3 unless you know better */
    float temperature; /* of the sampling noise in the first step, 0 to 10000; it falls to 0 in the last */
    uint32_t anneal;   /* not 0: the logits' own temperature falls too */
} TitokSettings;

/* Named settings of the model: "demo", "paper" where it has them, and those of its folder; null for the model's default. */
TITOK_API TitokResult TITOK_CALL titokPipelineGetPreset(TitokPipeline pipeline, const char *name, TitokSettings *settings);

/* The names of those settings, from 0; TITOK_ERROR_INVALID_ARGUMENT past the last. Good until the pipeline is destroyed. */
TITOK_API TitokResult TITOK_CALL titokPipelineGetPresetName(TitokPipeline pipeline, uint32_t index, const char **name);

TITOK_API TitokResult TITOK_CALL titokPipelineDestroy(TitokPipeline pipeline);

/* ---- pictures, the simple way: these wait ------------------------------------------------------------------------ */

typedef struct TitokRequest {
    uint32_t structSize;
    uint32_t pictures;          /* N, at most 65536; so in all calls */
    const uint32_t *classes;    /* N */
    uint64_t seed;              /* picture i uses seed + i */
    const int32_t *knownTokens; /* N*K token ids that are given, -1 where the generator is to choose; null for none */
    TitokSettings settings;     /* left as zeros the model's default; else as titokPipelineGetPreset fills it in, with its structSize */
} TitokRequest;

/* Where a request stands after a step of the decoding loop. */
typedef struct TitokStep {
    uint32_t structSize;
    uint32_t step;         /* just done; from 0 */
    uint32_t steps;        /* in all */
    uint32_t firstPicture; /* of those that tokens speaks of: requests for more pictures than a job makes run in batches */
    const int32_t *tokens; /* of the batch's pictures, K each, V for a masked position; good during the call */
    size_t tokenCount;
} TitokStep;

/* Told of every step, in the calling thread; it must not unwind or jump out. An answer that is not 0 cancels: TITOK_ERROR_CANCELLED. */
typedef int(TITOK_CALL *TitokProgressFunction)(void *user, const TitokStep *step);

/*
 * tokens takes N*K ids, images N*3*S*S floats (about 0..1, not clamped); either may be null with a count of 0, and without
 * images nothing is decoded. progress may be null; without it nothing is read back before the pictures.
 */
TITOK_API TitokResult TITOK_CALL titokGenerate(
    TitokPipeline pipeline, const TitokRequest *request, int32_t *tokens, size_t tokenCount, float *images, size_t imageCount,
    TitokProgressFunction progress, void *user);

/* Pictures [N, 3, S, S] in 0..1 to tokens [N, K]. TITOK_ERROR_INVALID_OPERATION with a VAE, here and wherever tokens are given. */
TITOK_API TitokResult TITOK_CALL titokEncode(
    TitokPipeline pipeline, uint32_t pictures, const float *images, size_t imageCount, int32_t *tokens, size_t tokenCount);

/* Tokens [N, K] to pictures [N, 3, S, S]. */
TITOK_API TitokResult TITOK_CALL titokDecode(
    TitokPipeline pipeline, uint32_t pictures, const int32_t *tokens, size_t tokenCount, float *images, size_t imageCount);

/*
 * The same with a VAE's latents [N, C, 1, K], as titok's .npy files have them. Encoding gives their mean; where seed is
 * not null a sample around it, of picture i with *seed + i. TITOK_ERROR_INVALID_OPERATION with other tokenizers.
 */
TITOK_API TitokResult TITOK_CALL titokEncodeLatents(
    TitokPipeline pipeline, uint32_t pictures, const float *images, size_t imageCount, const uint64_t *seed, float *latents,
    size_t latentCount);
TITOK_API TitokResult TITOK_CALL titokDecodeLatents(
    TitokPipeline pipeline, uint32_t pictures, const float *latents, size_t latentCount, float *images, size_t imageCount);

/* ---- jobs: in slices, without waiting ----------------------------------------------------------------------------- */

/*
 * Begins a request, of maxPicturesPerJob pictures at most. Its memory and kernels are made now, unless a destroyed
 * job of the same size has left some, and what an output takes when it is set; from then on no slice allocates. Several jobs
 * of a pipeline may be on the way at once.
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
 * Where pictures of S×S pixels come from. Images and buffers are read on the device, by the first slice of every round. The
 * fourth channel is ignored. Bytes have sRGB's curve; fp16 is clamped to 0..1.
 */
typedef struct TitokInput {
    uint32_t structSize;
    TitokInputKind kind;
    TitokPixelFormat format;
    VkImageLayout layout; /* the image's whenever it is read, and afterwards; UNDEFINED (0) stands for SHADER_READ_ONLY_OPTIMAL */
    uint32_t mipLevel;
    uint32_t firstLayer;
    uint32_t columns; /* 0: a layer a picture; else all in one layer, so many beside each other */
    uint32_t x;
    uint32_t y;
    VkImage image;
    VkBuffer buffer;
    uint64_t offsetInBytes; /* in the buffer; a multiple of 4 */
    const void *pixels;     /* in memory, one picture after the other */
    size_t sizeInBytes;     /* N*S*S times the format's bytes a pixel (12 for planes) */
} TitokInput;

/* Begins to encode pictures, to tokens (titokJobReadTokens) or to a VAE's mean (titokJobReadLatents). */
TITOK_API TitokResult TITOK_CALL titokJobEncode(TitokPipeline pipeline, uint32_t pictures, const TitokInput *input, TitokJob *job);

/* Begins to encode pictures and decode them again; by a VAE's mean. */
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
    VkImageLayout layoutBefore; /* the image's layout whenever a picture is written; UNDEFINED lets go of what it holds */
    VkImageLayout layoutAfter;  /* UNDEFINED (0) stands for SHADER_READ_ONLY_OPTIMAL */
    uint32_t mipLevel;
    uint32_t firstLayer;
    uint32_t columns; /* 0: a layer a picture; else all in one layer, so many beside each other */
    uint32_t x;
    uint32_t y;
    VkImage image;
    VkBuffer buffer;
    uint64_t offsetInBytes; /* in the buffer; a multiple of 4 */
} TitokOutput;

/*
 * Where the pictures go, of a job that makes any; before the first slice of a round, as it starts the job over. previewSteps not 0, for jobs of
 * titokJobGenerate: a picture after every step too, of its tokens, with the step's guess where a position is not settled.
 * Each costs what decoding costs. Take them apart by TitokSlice::upToOutput, or by one step a slice.
 */
TITOK_API TitokResult TITOK_CALL titokJobSetOutput(TitokJob job, const TitokOutput *output, uint32_t previewSteps);

/* How much to do, by one bound at most: the others stay 0. With all of them 0 it is 8 milliseconds. At least one dispatch is done. */
typedef struct TitokSlice {
    uint32_t structSize;
    uint32_t dispatches;
    uint32_t steps;      /* of the decoding loop; with the last one goes what comes after it */
    uint32_t everything; /* not 0: all that is left */
    double milliseconds; /* that it is expected to take on the device, as learned from the slices before */
    uint32_t upToOutput; /* not 0: with any bound, no further than where the output has been written */
} TitokSlice;

typedef struct TitokSliceInfo {
    uint32_t structSize;
    uint32_t dispatches;    /* in the slice */
    int64_t number;         /* of the slice in the job's life; -1: nothing was recorded, see isLast */
    double milliseconds;    /* that it is expected to take */
    uint32_t stepsRecorded; /* steps recorded by now */
    uint32_t isLast;        /* nothing is left to record; 0 with number -1: 16 slices are on the way, try again later */
    uint32_t outputsRecorded; /* times that the output is written by now: for each previewed step, and in the end */
    uint64_t timelineValue; /* that titokDeviceGetTimelineSemaphore's semaphore reaches after it; 0 for titokJobRecord */
} TitokSliceInfo;

/*
 * Puts the next slice into a command buffer of yours: recording, outside a render pass, of the adopted queue's family.
 * Submit the command buffers in the order of the slices, each once. slice and info may be null.
 */
TITOK_API TitokResult TITOK_CALL titokJobRecord(TitokJob job, VkCommandBuffer commandBuffer, const TitokSlice *slice, TitokSliceInfo *info);

typedef struct TitokSemaphore {
    VkSemaphore semaphore;
    uint64_t value; /* of a timeline semaphore */
} TitokSemaphore;

/*
 * Submits the next slice to the device's queue, after waits and before signals. It does not wait. slice and info may be
 * null, waits and signals with a count of 0; at most 64 of each.
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
    uint32_t isIdle;     /* the device is done with what was recorded: the job may be restarted */
    uint32_t isCancelled;
    uint32_t stepCapacity;    /* most steps that titokJobRestart takes */
    uint32_t outputsExecuted; /* how often since the start pictures have been written to the output */
    double progress;              /* share of the work that is executed, 0 to 1 */
    double lastSliceMilliseconds; /* that the slice executed last took on the device; NaN where that is not known, as for whole steps */
} TitokJobStatus;

/* Asks the device how far it is. */
TITOK_API TitokResult TITOK_CALL titokJobGetStatus(TitokJob job, TitokJobStatus *status);

/* Waits for what titokJobSubmit has submitted; TITOK_NOT_READY after so long. UINT64_MAX waits for ever. */
TITOK_API TitokResult TITOK_CALL titokJobWait(TitokJob job, uint64_t timeoutInNanoseconds);

/* Only for devices without timestamps: your command buffers up to this slice are executed. */
TITOK_API TitokResult TITOK_CALL titokJobMarkExecuted(TitokJob job, int64_t slice);

/* You threw the command buffer with the latest slice away: it will be recorded again. */
TITOK_API TitokResult TITOK_CALL titokJobTakeBack(TitokJob job, int64_t slice);

/* Records nothing more; what was recorded goes on. */
TITOK_API TitokResult TITOK_CALL titokJobCancel(TitokJob job);

/*
 * Token ids [N, K] after a step, from 0, that is executed: below stepsExecuted. V stands for a masked position; the last
 * step, steps - 1, leaves none. What a step has settled is what was V in the step before. A step that is not executed yet is
 * out of range: TITOK_ERROR_INVALID_ARGUMENT. Of other jobs, once finished and with step 0, the tokens that they were given,
 * or those of the pictures that they were given.
 */
TITOK_API TitokResult TITOK_CALL titokJobReadTokens(TitokJob job, uint32_t step, int32_t *tokens, size_t tokenCount);

/* The same with latents [N, C, 1, K], where the tokenizer is a VAE. */
TITOK_API TitokResult TITOK_CALL titokJobReadLatents(TitokJob job, float *latents, size_t latentCount);

/*
 * The pictures of a finished job with TITOK_OUTPUT_MEMORY, one after the other: N*S*S times the format's bytes a pixel (12
 * for planes). With previews also of an idle job after any step: the latest ones.
 */
TITOK_API TitokResult TITOK_CALL titokJobReadOutput(TitokJob job, void *pixels, size_t sizeInBytes);

/* The pictures [N, 3, S, S] of a finished job, whatever its output: a submission of its own, which it waits for. */
TITOK_API TitokResult TITOK_CALL titokJobReadImages(TitokJob job, float *images, size_t imageCount);

/*
 * Starts an idle job over: with another request, of as many pictures and at most stepCapacity steps; another seed; other
 * tokens, latents or pictures, whichever it was begun with. titokJobRestart with a null request starts any job over with what
 * it was last given; an image or a buffer is read again.
 */
TITOK_API TitokResult TITOK_CALL titokJobRestart(TitokJob job, const TitokRequest *request);
TITOK_API TitokResult TITOK_CALL titokJobRestartSeed(TitokJob job, uint64_t seed);
TITOK_API TitokResult TITOK_CALL titokJobRestartTokens(TitokJob job, const int32_t *tokens, size_t tokenCount);
TITOK_API TitokResult TITOK_CALL titokJobRestartLatents(TitokJob job, const float *latents, size_t latentCount);
TITOK_API TitokResult TITOK_CALL titokJobRestartInput(TitokJob job, const TitokInput *input);

/* Gives the job's memory back to its pipeline. Never waits, and submits nothing. */
TITOK_API TitokResult TITOK_CALL titokJobDestroy(TitokJob job);

/* ---- sharing with other devices, processes and interfaces ---------------------------------------------------------- */

typedef enum TitokHandleType {
    TITOK_HANDLE_OPAQUE_FD = 0,
    TITOK_HANDLE_DMA_BUF = 1, /* for memory; semaphores go as opaque ones */
    TITOK_HANDLE_OPAQUE_WIN32 = 2
} TitokHandleType;

typedef struct TitokSharedBufferInfo {
    uint32_t structSize;
    uint32_t memoryTypeIndex;   /* VkMemoryAllocateInfo::memoryTypeIndex of whoever imports the memory, which is dedicated to the buffer */
    VkBuffer buffer;            /* for TitokOutput */
    uint64_t sizeInBytes;
    uint64_t memorySizeInBytes; /* VkMemoryAllocateInfo::allocationSize */
} TitokSharedBufferInfo;

/* A buffer to export, for a job's output; TITOK_ERROR_MISSING_FEATURE where the device can't share so. */
TITOK_API TitokResult TITOK_CALL titokSharedBufferCreate(TitokDevice device, uint64_t sizeInBytes, TitokHandleType type, TitokSharedBuffer *buffer);
TITOK_API TitokResult TITOK_CALL titokSharedBufferGetInfo(TitokSharedBuffer buffer, TitokSharedBufferInfo *info);

/* A new file descriptor or NT handle; yours to import or to close. */
TITOK_API TitokResult TITOK_CALL titokSharedBufferExport(TitokSharedBuffer buffer, intptr_t *handle);
TITOK_API TitokResult TITOK_CALL titokSharedBufferDestroy(TitokSharedBuffer buffer);

/* A semaphore to export, for titokJobSubmit's waits and signals: one that counts, or a binary one. */
TITOK_API TitokResult TITOK_CALL titokSharedSemaphoreCreate(
    TitokDevice device, TitokHandleType type, uint32_t isTimeline, TitokSharedSemaphore *semaphore);
TITOK_API TitokResult TITOK_CALL titokSharedSemaphoreGetHandle(TitokSharedSemaphore semaphore, VkSemaphore *handle);
TITOK_API TitokResult TITOK_CALL titokSharedSemaphoreExport(TitokSharedSemaphore semaphore, intptr_t *handle);
TITOK_API TitokResult TITOK_CALL titokSharedSemaphoreDestroy(TitokSharedSemaphore semaphore);

#ifdef __cplusplus
}
#endif

#endif
