// A Godot 4 node that has a picture generated and shows it, step by step. NOT RUN by this project's checks: Godot was not
// at hand. It needs the package Titok.Vulkan, and a model folder.
using System;
using Godot;
using Titok.Vulkan;

/// <summary>A TextureRect whose picture is born while the game goes on.</summary>
public partial class TitokTexture : TextureRect
{
    private readonly TitokMemoryOutput _output = new() { Format = TitokPixelFormat.Rgba8 };
    private TitokDevice? _device;
    private TitokPipeline? _titok;
    private TitokGenerationJob? _job;
    private byte[] _pixels = [];
    private int _shown;

    /// <summary>Where the model lies: a folder of the project, whose files the export has to take along ("*.safetensors, *.json, *.txt").</summary>
    [Export]
    public string ModelFolder { get; set; } = "res://models/titok-l32";

    [Export]
    public int Label { get; set; }

    /// <summary>Milliseconds of the GPU that a frame may give away.</summary>
    [Export]
    public double MillisecondsAFrame { get; set; } = 4;

    public override void _Ready()
    {
        // Takes seconds for a large model: do it behind a loading screen, or on a thread.
        _device = TitokDevice.Create();
        _titok = TitokPipeline.Load(_device, "", new TitokLoadOptions { Files = ReadModel() });
        _job = _titok.Begin(new GenerationRequest { Classes = [Label], Seed = 1, Settings = _titok.DefaultSettings });
        _job.SetOutput(_output, previewSteps: true);
        _pixels = new byte[_output.SizeInBytes(1, _titok.Tokenizer.Info.ImageSize)];
    }

    /// <summary>The model's files, which in an exported game lie in its archive.</summary>
    private TitokModelFiles ReadModel()
    {
        var files = new TitokModelFiles();
        foreach (string name in (string[])
            ["tokenizer/config.json", "tokenizer/model.safetensors", "generator/config.json", "generator/model.safetensors", "classes.txt", "presets.json"])
        {
            string path = $"{ModelFolder}/{name}";
            if (FileAccess.FileExists(path))
                files.Add(name, FileAccess.GetFileAsBytes(path));
        }
        return files;
    }

    /// <summary>Another picture of the label, once this one is done.</summary>
    public void Again(ulong seed)
    {
        if (_job is { IsIdle: true })
        {
            _job.Restart(seed);
            _shown = 0;
        }
    }

    public override void _Process(double delta)
    {
        if (_job is null || _titok is null)
            return;
        // A slice at a time, and none on top of one that is still running. A slice ends where a step's picture is written,
        // so that it is looked at before the next one comes.
        if (!_job.IsIdle)
            return;
        if (_job.OutputsExecuted > _shown)
            Show(_job.OutputsExecuted);
        if (!_job.IsRecorded)
            _job.Submit(TitokSlice.Milliseconds(MillisecondsAFrame).UpToOutput());
    }

    public override void _ExitTree()
    {
        _job?.Dispose();
        _titok?.Dispose();
        _device?.Dispose();
    }

    private void Show(int outputs)
    {
        int size = _titok!.Tokenizer.Info.ImageSize;
        _job!.ReadOutput(_pixels);
        _shown = outputs;
        Texture = ImageTexture.CreateFromImage(Image.CreateFromData(size, size, false, Image.Format.Rgba8, _pixels));
    }
}
