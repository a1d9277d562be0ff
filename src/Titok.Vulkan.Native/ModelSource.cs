namespace Titok.Vulkan.Native;

/// <summary>Which model C code has named: where its parts are, on disk or among files of the program's, and how they are to be stored.</summary>
/// <param name="Tokenizer">Where the tokenizer is.</param>
/// <param name="Generator">Where the generator is; null for a tokenizer alone.</param>
/// <param name="Options">Precision and files.</param>
internal sealed unsafe record ModelSource(string Tokenizer, string? Generator, TitokLoadOptions Options)
{
    private const uint MaxFiles = 256;

    public static ModelSource Read(in NativePipelineOptions given)
    {
        TitokModelFiles? files = Files(given);
        string? path = Arguments.Text(given.Path), tokenizer = Arguments.Text(given.Tokenizer), generator = Arguments.Text(given.Generator);
        if (files is not null && tokenizer is null && generator is null)
            path ??= "";
        tokenizer ??= path;
        if (tokenizer is null || (tokenizer.Length == 0 && files is null))
            throw Arguments.Invalid("options name neither a model folder nor a tokenizer");
        return new ModelSource(tokenizer, generator ?? path, new TitokLoadOptions
        {
            Precision = Arguments.Known<TitokPrecision>(given.Precision, "precision"),
            GeneratorWeights = Arguments.Known<TitokGeneratorWeights>(given.GeneratorWeights, "generatorWeights"),
            Files = files,
        });
    }

    private static TitokModelFiles? Files(in NativePipelineOptions given)
    {
        if (given is { FileCount: 0, Files: not null })
            throw Arguments.Invalid("files is given, and fileCount is 0");
        if (given.FileCount == 0)
            return null;
        if (given.FileCount > MaxFiles)
            throw Arguments.Invalid($"fileCount is {given.FileCount}; at most {MaxFiles} is taken");
        if (given.Files == null)
            throw Arguments.Invalid("files is null");
        var files = new TitokModelFiles();
        for (int index = 0; index < given.FileCount; index++)
        {
            NativeModelFile file = given.Files[index];
            string name = Arguments.Text(file.Name) ?? throw Arguments.Invalid($"files[{index}].name is null");
            if (file.Content == 0 && file.Read == null)
                throw Arguments.Invalid($"files[{index}].content is null, and so is read: {name}");
            if (file.Content != 0 && file.Read != null)
                throw Arguments.Invalid($"files[{index}] has both content and read: {name}");
            if (file.SizeInBytes > long.MaxValue)
                throw Arguments.Invalid($"files[{index}].sizeInBytes is {file.SizeInBytes}, which is more than there can be: {name}");
            if (file.Read == null)
                files.Add(name, file.Content, (long)file.SizeInBytes);
            else
                files.Add(name, (long)file.SizeInBytes, (offset, bytes) => Read(file, offset, bytes));
        }
        return files;
    }

    private static void Read(NativeModelFile file, long offsetInBytes, Span<byte> bytes)
    {
        int result;
        fixed (byte* to = bytes)
            result = file.Read(file.ReadUser, (ulong)offsetInBytes, to, (nuint)bytes.Length);
        if (result != 0)
            throw new IOException($"the read function returned {result}");
    }
}
