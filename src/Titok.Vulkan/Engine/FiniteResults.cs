using Titok.Vulkan.Kernels;

namespace Titok.Vulkan.Engine;

/// <summary>
/// Refuses results that are no finite numbers, as of a model that overflows fp16. Attention and group norms spread such a number over all of
/// its picture, so that one of each is looked at.
/// </summary>
/// <param name="profile">What they were made by.</param>
internal sealed class FiniteResults(KernelProfile profile)
{
    public const string Logits = "logits", Latents = "latents", Pixels = "pixels";

    /// <summary>Of the first numbers of pictures, or of all, in equal lengths.</summary>
    /// <param name="numbers">As many for each picture.</param>
    /// <param name="count">Pictures.</param>
    /// <param name="stage">What the numbers are.</param>
    /// <param name="firstPicture">The first of them in the request.</param>
    public void Require(ReadOnlySpan<float> numbers, int count, string stage, int firstPicture = 0)
    {
        for (int picture = 0; picture < count; picture++)
        {
            if (!float.IsFinite(numbers[picture * (numbers.Length / count)]))
                throw Refusal(stage, firstPicture + picture);
        }
    }

    /// <summary>Of what pictures' ids were chosen by: an id is the codebook's size where no number was finite.</summary>
    /// <param name="ids">As many for each picture.</param>
    /// <param name="count">Pictures.</param>
    /// <param name="codebookSize">V.</param>
    /// <param name="stage">What they were chosen by.</param>
    /// <param name="firstPicture">The first of them in the request.</param>
    public void RequireChosen(ReadOnlySpan<int> ids, int count, int codebookSize, string stage, int firstPicture = 0)
    {
        if (ids.IndexOf(codebookSize) is >= 0 and int index)
            throw Refusal(stage, firstPicture + index / (ids.Length / count));
    }

    private NotFiniteException Refusal(string stage, int picture) => new(
        stage,
        picture,
        $"The {stage} of picture {picture} are not finite numbers in {profile.Suffix}: "
        + (profile.Suffix == "fp16" ? "try fp32." : "the model, or what it was given, overflows."));
}
