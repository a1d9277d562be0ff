using Titok.Vulkan;

namespace Titok.Demo.Scene;

/// <summary>How a picture came to be: what was asked for, and which token was fixed in which step.</summary>
internal sealed class Story
{
    /// <summary>Stands for a token that is still masked.</summary>
    public const int Masked = -1;

    /// <param name="class">Class of the picture.</param>
    /// <param name="seed">Its seed.</param>
    /// <param name="settings">Settings of its sampling loop.</param>
    /// <param name="known">Tokens that were there from the start; <see cref="Masked"/> for the others.</param>
    public Story(int @class, ulong seed, GenerationSettings settings, int[] known)
    {
        (Class, Seed, Settings, Known) = (@class, seed, settings, known);
        Ids = [.. known];
        FixedIn = [.. known.Select(id => id == Masked ? Masked : 0)];
        Locked = [.. known.Select(id => id != Masked)];
    }

    public int Class { get; }

    public ulong Seed { get; }

    public GenerationSettings Settings { get; }

    public int[] Known { get; }

    /// <summary>Token ids so far.</summary>
    public int[] Ids { get; }

    /// <summary>The step that each token was fixed in.</summary>
    public int[] FixedIn { get; }

    /// <summary>Tokens that the next picture here is to keep.</summary>
    public bool[] Locked { get; }

    /// <summary>Steps done.</summary>
    public int Step { get; private set; }

    public bool IsDone => Step == Settings.Steps;

    /// <summary>How many tokens are fixed.</summary>
    public int Fixed => Ids.Length - Ids.AsSpan().Count(Masked);

    /// <summary>How many are locked.</summary>
    public int LockedTokens => Locked.AsSpan().Count(true);

    /// <summary>Share of tokens that are fixed.</summary>
    public float Settled => (float)Fixed / Ids.Length;

    /// <summary>Takes note of the ids after a step.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="ids">Ids, with the codebook's size for a masked one.</param>
    /// <param name="codebookSize">Codebook's size.</param>
    public void Observe(int step, ReadOnlySpan<int> ids, int codebookSize)
    {
        for (int i = 0; i < Ids.Length; i++)
        {
            int id = ids[i] == codebookSize ? Masked : ids[i];
            if (Ids[i] == Masked && id != Masked)
                FixedIn[i] = step;
            Ids[i] = id;
        }
        Step = step + 1;
    }

    /// <summary>The same from the start; what was locked stays locked.</summary>
    public Story Again()
    {
        var again = new Story(Class, Seed, Settings, Known);
        Locked.CopyTo(again.Locked, 0);
        return again;
    }

    /// <summary>The tokens to begin the next picture here with.</summary>
    public int[] Kept() => [.. Ids.Select((id, i) => Locked[i] ? id : Masked)];
}
