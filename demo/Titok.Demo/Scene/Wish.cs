namespace Titok.Demo.Scene;

/// <summary>Something that waits until pictures of the wall are done; until then they are not born again.</summary>
/// <param name="Pictures">Which.</param>
/// <param name="Message">What waits, in words.</param>
/// <param name="Fulfil">Does it.</param>
/// <param name="Saves">Whether a file comes of it.</param>
internal sealed record Wish(IReadOnlyList<WallPicture> Pictures, string Message, Action Fulfil, bool Saves)
{
    public bool CanBeFulfilled => Pictures.All(p => p.IsDone);

    /// <summary>One of them that nothing works on, though it is not done and may be begun; null if there is none.</summary>
    public WallPicture? Unborn(double now) => Pictures.FirstOrDefault(p => !p.IsDone && !p.IsBeingBorn && p.FreeAt <= now);
}
