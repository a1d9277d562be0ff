namespace Titok.Vulkan;

/// <summary>
/// Reads part of a file, for <see cref="TitokModelFiles"/>: from an archive, or from wherever else a program has it. Called by the
/// thread that reads the model, for parts in any order, of which some are read more than once.
/// </summary>
/// <param name="offsetInBytes">Where the part starts.</param>
/// <param name="bytes">Takes all of the part, which is in the file.</param>
/// <exception cref="IOException">The part can't be read; the model's error tells the message.</exception>
public delegate void TitokFileReader(long offsetInBytes, Span<byte> bytes);
