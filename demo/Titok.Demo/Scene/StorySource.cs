namespace Titok.Demo.Scene;

/// <summary>What the wall's pictures are to be: the classes in turn, each picture with the next seed.</summary>
internal sealed class StorySource
{
    private readonly ModelFacts _model;
    private readonly StreamSettings _settings;
    private readonly int[] _drift;
    private ulong _nextSeed;
    private int _nextClass;

    /// <param name="model">What is generated.</param>
    /// <param name="settings">With which settings.</param>
    /// <param name="seed">Where seeds begin.</param>
    /// <param name="random">Shuffles the classes.</param>
    public StorySource(ModelFacts model, StreamSettings settings, ulong seed, Random random)
    {
        (_model, _settings, _nextSeed) = (model, settings, seed);
        _drift = [.. Enumerable.Range(0, model.Classes)];
        random.Shuffle(_drift);
    }

    /// <summary>The next class's picture.</summary>
    public Story Next() => new(
        _settings.OnlyClass ?? _drift[_nextClass++ % _drift.Length], _nextSeed++, _settings.Preset, [.. Enumerable.Repeat(Story.Masked, _model.Tokens)]);

    /// <summary>The same class with another seed, and with the tokens that are locked.</summary>
    public Story After(Story before) => new(before.Class, _nextSeed++, _settings.Preset, before.Kept());

    /// <summary>Goes on far from the seeds used so far, and with the same after the same keys.</summary>
    public void Reseed() => _nextSeed = unchecked(_nextSeed * 6364136223846793005 + 1442695040888963407) >> 32;
}
