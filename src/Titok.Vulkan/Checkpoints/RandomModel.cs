using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Titok.Vulkan.Files;

namespace Titok.Vulkan.Checkpoints;

/// <summary>Writes a published model with random weights: as large and as slow as the real one, and freely had.</summary>
internal static class RandomModel
{
    private const int ChunkLength = 1 << 16;

    /// <summary>Writes tokenizer/ and generator/, each with its config.json and model.safetensors in fp32.</summary>
    public static void Write(string folder, PublishedPair model, ulong seed, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        (string Part, ExpectedTensor[] Tensors)[] parts =
        [
            (ModelFolder.TokenizerName, [.. model.Tokenizer.ExpectedTensors()]),
            (ModelFolder.GeneratorName, [.. model.Generator.ExpectedTensors()]),
        ];
        long total = parts.Sum(p => p.Tensors.Sum(t => TensorShape.ElementCount(t.Shape))), done = 0;
        foreach ((string part, ExpectedTensor[] expected) in parts)
        {
            string target = Path.Combine(folder, part);
            try
            {
                Directory.CreateDirectory(target);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw AtomicFile.CantWrite(target, e);
            }
            AtomicFile.Write(Path.Combine(target, ModelFolder.ConfigName), stream => WriteConfig(stream, model));
            TensorInfo[] tensors = [.. expected.Select(t => new TensorInfo(t.Name, TensorType.F32, t.Shape)).OrderBy(t => t.Name, StringComparer.Ordinal)];
            ulong tensorSeed = seed;
            SafetensorsWriter.Write(Path.Combine(target, ModelFolder.WeightsName), tensors, (tensor, stream) =>
            {
                cancellation.ThrowIfCancellationRequested();
                Fill(tensor, stream, tensorSeed += 0x9E3779B97F4A7C15);
                progress?.Invoke((double)(done += tensor.ElementCount) / total);
            });
        }
    }

    /// <summary>Uniform values whose size keeps activations near 1 through every layer.</summary>
    private static void Fill(TensorInfo tensor, Stream stream, ulong seed)
    {
        (float centre, float range) = tensor.Shape.Length == 1
            ? tensor.Name.EndsWith("weight", StringComparison.Ordinal) ? (1, 0.1f) : (0, 0.02f)
            : (0, MathF.Sqrt(3f / (TensorShape.ElementCount(tensor.Shape) / tensor.Shape[0])));
        float[] values = new float[ChunkLength];
        for (long first = 0; first < tensor.ElementCount; first += ChunkLength)
        {
            int length = (int)Math.Min(ChunkLength, tensor.ElementCount - first);
            for (int i = 0; i < length; i++)
                values[i] = centre + range * (Mix(seed + (ulong)(first + i)) * (2f / (1 << 24)) - 1);
            stream.Write(MemoryMarshal.AsBytes(values.AsSpan(0, length)));
        }
    }

    /// <summary>24 random bits for a counter: the finalizer of splitmix64.</summary>
    private static uint Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return (uint)(BitOperations.RotateRight(x, 31) >> 40);
    }

    private static void WriteConfig(Stream stream, PublishedPair model)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        TokenizerSpec tokenizer = model.Tokenizer;
        GeneratorSpec generator = model.Generator;
        json.WriteStartObject();
        json.WriteStartObject("model");
        json.WriteStartObject("vq_model");
        json.WriteNumber("codebook_size", tokenizer.CodebookSize);
        json.WriteNumber("token_size", tokenizer.TokenSize);
        json.WriteBoolean("use_l2_norm", tokenizer.UseL2Norm);
        json.WriteString("vit_enc_model_size", model.SizeName);
        json.WriteString("vit_dec_model_size", model.SizeName);
        json.WriteNumber("vit_enc_patch_size", tokenizer.PatchSize);
        json.WriteNumber("vit_dec_patch_size", tokenizer.PatchSize);
        json.WriteNumber("num_latent_tokens", tokenizer.LatentTokens);
        json.WriteBoolean("finetune_decoder", true);
        json.WriteEndObject();
        json.WriteStartObject("generator");
        json.WriteString("model_type", generator.Kind == GeneratorKind.Bert ? "ViT" : "UViT");
        json.WriteNumber("hidden_size", generator.Hidden);
        json.WriteNumber("num_hidden_layers", generator.Layers);
        json.WriteNumber("num_attention_heads", generator.Heads);
        json.WriteNumber("intermediate_size", generator.Intermediate);
        json.WriteNumber("image_seq_len", generator.LatentTokens);
        json.WriteNumber("condition_num_classes", generator.Classes);
        json.WriteNumber("num_steps", model.Preset.Steps);
        json.WriteNumber("guidance_scale", model.Preset.Guidance);
        json.WriteString("guidance_decay", GuidanceDecayNames.ToName(model.Preset.Decay));
        json.WriteNumber("randomize_temperature", model.Preset.Temperature);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("dataset");
        json.WriteStartObject("preprocessing");
        json.WriteNumber("crop_size", tokenizer.ImageSize);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
