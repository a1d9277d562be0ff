using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>
/// Refuses results that are no finite numbers, as of a model that overflows fp16. Attention and group norms spread such a number over all of
/// its picture, so that one of each is looked at.
/// </summary>
/// <param name="profile">What they were made by.</param>
internal sealed class FiniteResults(KernelProfile profile)
{
    /// <summary>Of pictures, or latents, of equal lengths.</summary>
    public void Require(ReadOnlySpan<float> numbers, int count, string what)
    {
        for (int picture = 0; picture < count; picture++)
        {
            if (!float.IsFinite(numbers[picture * (numbers.Length / count)]))
                throw Refusal(what, picture);
        }
    }

    /// <summary>Of pictures' ids, which are the codebook's size where no distance was a number.</summary>
    public void Require(ReadOnlySpan<int> ids, int count, int codebookSize)
    {
        if (ids.IndexOf(codebookSize) is >= 0 and int index)
            throw Refusal("tokens", index / (ids.Length / count));
    }

    private TitokException Refusal(string what, int picture) => new(
        $"The {what} of picture {picture} are not finite numbers in {profile.Suffix}: "
        + (profile.Suffix == "fp16" ? "try fp32." : "the model, or what it was given, overflows."));
}
