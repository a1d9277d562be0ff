// A renderer that has a picture generated on its own Vulkan device while it draws: every frame gets one slice of the work,
// and the quad's texture becomes clearer step by step.
//
//     dotnet run -c Release --project demo/embed-csharp -- MODEL_FOLDER OUTPUT_FOLDER
using Silk.NET.Vulkan;
using SkiaSharp;
using Titok.EmbedSample;
using Titok.Vulkan;

const uint size = 256;
const int framesAfterwards = 10;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: Titok.EmbedSample MODEL_FOLDER OUTPUT_FOLDER");
    return 2;
}
Directory.CreateDirectory(args[1]);
using var renderer = new Renderer();
using TitokDevice device = TitokDevice.Adopt(renderer.Lend());
using TitokPipeline titok = TitokPipeline.Load(device, args[0]);

using var texture = new Picture(renderer, (uint)titok.Tokenizer.Info.ImageSize, ImageUsageFlags.SampledBit | ImageUsageFlags.TransferDstBit);
using var frame = new Picture(renderer, size, ImageUsageFlags.ColorAttachmentBit | ImageUsageFlags.TransferSrcBit);
using var quad = new Quad(renderer, frame, size, texture);
using var screenshot = new Screenshot(renderer, size);
renderer.Frame(commands => renderer.Clear(commands, texture.Image));

using TitokGenerationJob job = titok.Begin(new GenerationRequest { Classes = [0], Seed = 7, Settings = titok.DefaultSettings });
job.SetOutput(new TitokImageOutput { Image = texture.Image.Handle, LayoutBefore = (int)ImageLayout.ShaderReadOnlyOptimal }, previewSteps: true);

int shown = -1, written = 0, number = 0;
for (int after = 0; after < framesAfterwards; number++)
{
    int now = number;
    renderer.Frame(commands =>
    {
        job.Record(commands.Handle, TitokSlice.Milliseconds(8));
        quad.Draw(commands, 0.1f * now);
        screenshot.Copy(commands, frame);
    });
    if (job.IsFinished)
        after++;
    // A frame is written when the picture has changed, and at the end.
    if (job.StepsExecuted == shown && after != framesAfterwards)
        continue;
    shown = job.StepsExecuted;
    written++;
    using SKBitmap bitmap = screenshot.Read();
    using FileStream file = File.Create(Path.Combine(args[1], $"frame-{number:000}.png"));
    bitmap.Encode(file, SKEncodedImageFormat.Png, 100);
}
job.CheckResults();
Console.WriteLine($"{number} frames drawn while {job.Steps} steps ran, {written} of them written to {args[1]}");
return 0;
