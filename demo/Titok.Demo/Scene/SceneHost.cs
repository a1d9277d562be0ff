namespace Titok.Demo.Scene;

/// <summary>What the scene asks of the program around it. One that has no use for a wish lets it pass.</summary>
internal interface ISceneHost
{
    /// <summary>Saves the selected picture of the wall.</summary>
    void SavePicture(WallPicture picture)
    {
    }

    /// <summary>Saves a picture that is on no wall, under a name.</summary>
    void SavePicture(string name, Tile tile)
    {
    }

    /// <summary>Saves all pictures of the wall as one.</summary>
    void SaveWall(IReadOnlyList<WallPicture> pictures)
    {
    }

    /// <summary>Saves the steps of a picture's birth as a moving picture; each is told as it arrives.</summary>
    /// <returns>What to tell of each step's picture and its layer.</returns>
    Action<int, int> RecordBirth(Story story) => (_, _) => { };

    /// <summary>Goes on with the next device.</summary>
    void SwitchDevice()
    {
    }

    /// <summary>Fills the screen, or goes back.</summary>
    void ToggleFullScreen()
    {
    }

    /// <summary>Goes back from filling the screen; does nothing where that is not so.</summary>
    void LeaveFullScreen()
    {
    }
}
