using Titok.Demo.Drawing;
using Titok.Demo.Scene;

namespace Titok.Vulkan.Tests.Demo;

/// <summary>Tests of what is on stage, with births that the test carries out itself: no device, no display.</summary>
public abstract class DirectorTest
{
    private protected const int Tokens = 4, Codebook = 100, Steps = 3;

    private protected Host SceneHost { get; } = new();

    private protected Director Start(int pictures, int atOnce)
    {
        var settings = new StreamSettings(GenerationSettings.Demo with { Steps = Steps }, pictures, null);
        var director = new Director(new ModelFacts(16, Tokens, Codebook, 3, ["a", "b", "c"]), settings, 1, SceneHost) { MaxAtOnce = atOnce };
        Pass(director);
        return director;
    }

    /// <summary>A wall of two pictures that are done.</summary>
    private protected Director StartWithTwo()
    {
        Director director = Start(pictures: 2, atOnce: 1);
        GiveBirth(director);
        GiveBirth(director);
        return director;
    }

    private protected static void Pass(Director director) => director.Advance(0.2f, 900, 620, 1);

    private protected static string? Message(Director director) => director.Describe(new OverlayContent()).Message;

    /// <summary>Carries out the next order to its end, and lets a frame pass.</summary>
    private protected static void GiveBirth(Director director) => Finish(director, director.NextOrder()!);

    private protected static void Finish(Director director, WorkOrder order)
    {
        for (int step = 0; step < Steps; step++)
            Step(director, order, step);
        order.Finish(director.Now);
        Pass(director);
    }

    /// <summary>The pictures of a step come, and its tokens; all of these are fixed in the last step.</summary>
    private protected static void Step(Director director, WorkOrder order, int step)
    {
        for (int picture = 0; picture < order.Pictures; picture++)
            order.Receive(picture);
        director.Observe(order, step, [.. Enumerable.Repeat(step == Steps - 1 ? 7 : Codebook, order.Pictures * Tokens)]);
    }

    private protected sealed class Host : ISceneHost
    {
        public List<WallPicture> Saved { get; } = [];

        /// <summary>What was to be recorded.</summary>
        public List<Story> Recordings { get; } = [];

        /// <summary>Pictures of recordings so far.</summary>
        public int Recorded { get; private set; }

        /// <summary>How often the full screen was to be left.</summary>
        public int Left { get; private set; }

        /// <summary>How often the full screen was switched.</summary>
        public int Toggled { get; private set; }

        public void SavePicture(WallPicture picture) => Saved.Add(picture);

        public void LeaveFullScreen() => Left++;

        public void ToggleFullScreen() => Toggled++;

        public Action<int, int> RecordBirth(Story story)
        {
            Recordings.Add(story);
            return (_, _) => Recorded++;
        }

        /// <summary>Forgets recordings, as what keeps them on a device that is gone.</summary>
        public void Forget()
        {
            Recordings.Clear();
            Recorded = 0;
        }
    }
}
