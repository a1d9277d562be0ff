using Titok.Vulkan.Engine;

namespace Titok.Vulkan.Tests.Engine;

/// <summary>What is done where memory is short.</summary>
public class MemoryShortageTests
{
    [Theory]
    [InlineData(16, 16, 16)]
    [InlineData(16, 5, 4)]
    [InlineData(13, 6, 4)]
    [InlineData(3, 1, 1)]
    public void HalfAsManyAreTriedUntilTheyFit(int pictures, int room, int made) => Assert.Equal(made, MemoryShortage.Fit(pictures, room, Make));

    [Fact]
    public void WhereNotEvenOneFitsThatIsTheError() => Assert.Throws<OutOfDeviceMemoryException>(() => MemoryShortage.Fit(8, 0, Make));

    [Fact]
    public void OtherErrorsAreNotTriedAgain()
    {
        int tries = 0;
        Assert.Throws<DeviceLostException>(() => MemoryShortage.Fit<int, int>(8, 0, (_, _) =>
        {
            tries++;
            throw new DeviceLostException("gone");
        }));
        Assert.Equal(1, tries);
    }

    [Theory]
    [InlineData(0, true, 1, 0)]
    [InlineData(1, true, 2, 1)]
    [InlineData(1, false, 1, 1)]
    [InlineData(2, true, 2, 1)]
    public void OnceMoreIsTriedAfterSomethingWasFreed(int failures, bool isThereAny, int tries, int frees)
    {
        int tried = 0, freed = 0;
        int Retry() => MemoryShortage.Retry(
            0,
            _ => ++tried > failures ? tried : throw new OutOfDeviceMemoryException("there is no room", 1, 0),
            _ =>
            {
                freed++;
                return isThereAny;
            });
        if (tries > failures)
            Assert.Equal(tries, Retry());
        else
            Assert.Throws<OutOfDeviceMemoryException>(() => Retry());
        Assert.Equal((tries, frees), (tried, freed));
    }

    private static int Make(int room, int pictures) => pictures <= room ? pictures : throw new OutOfDeviceMemoryException("there is no room", pictures, room);
}
