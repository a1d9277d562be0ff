using System.Collections.Immutable;
using System.Globalization;
using Titok.Demo.Drawing;
using Titok.Demo.Input;

namespace Titok.Demo.Scene;

/// <summary>A picture somebody brought, what comes back from its tokens, and the tokens.</summary>
internal sealed class ReconstructionStage : Stage
{
    private readonly Wall _wall;
    private readonly BroughtFiles _files;
    private readonly string _name;
    private readonly float[] _planar;
    private readonly ModelFacts _model;
    private readonly Tile _original, _reconstructed;
    private readonly Remembered<State, OverlayContent> _description;
    private int[]? _ids;
    private bool _isBegun;

    /// <param name="wall">Wall that makes room.</param>
    /// <param name="files">The picture's file, and those that were brought with it.</param>
    /// <param name="planar">The picture [3, S, S] in 0..1.</param>
    /// <param name="model">Model.</param>
    /// <param name="slot">First of two places in the picture store.</param>
    public ReconstructionStage(Wall wall, BroughtFiles files, float[] planar, ModelFacts model, int slot)
    {
        (_wall, _files, _name, _planar, _model) = (wall, files, files.Name, planar, model);
        _original = new Tile(slot) { SettledTarget = 1 };
        _reconstructed = new Tile(slot + 1);
        Tiles = [.. wall.All.Select(picture => picture.Tile), _original, _reconstructed];
        _description = new Remembered<State, OverlayContent>(Describe);
    }

    public override (string, Tile)? Made => _reconstructed.HasPicture ? ($"{Path.GetFileNameWithoutExtension(_name)}-tokens", _reconstructed) : null;

    public override ImmutableArray<Tile> Tiles { get; }

    public override TokenView Token(int index) =>
        new(_ids is null ? Palette.MaskedToken : Palette.Step((int)(_ids[index] * 64L / _model.CodebookSize), 64), false);

    public override void Arrange(Layout layout)
    {
        ImmutableArray<Box> two = layout.Grid(2);
        foreach (WallPicture picture in _wall.All)
            picture.Tile.IsShown = false;
        _original.MoveTo(two[0]);
        _reconstructed.MoveTo(two[1]);
    }

    public override OverlayContent Describe(OverlayContent content) =>
        _description.Of(new State(content, _files.Index, _ids, _original.Box, _reconstructed.Box));

    public override WorkOrder? NextOrder(double now)
    {
        if (_isBegun)
            return null;
        _isBegun = true;
        return new ReconstructOrder(_planar, _model.ImageSize, _original, _reconstructed, ids => _ids = ids);
    }

    public override bool MayOrder => !_isBegun;

    public override bool Apply(DemoAction action)
    {
        if (action is not (DemoAction.Left or DemoAction.Right))
            return false;
        _files.Turn(action == DemoAction.Left ? -1 : 1);
        return true;
    }

    public override bool BeginAgain()
    {
        foreach (Tile tile in new[] { _original, _reconstructed })
            tile.Forget();
        (_original.SettledTarget, _isBegun, _ids) = (1, false, null);
        return true;
    }

    public override void PressToken(int token, bool isDrag)
    {
    }

    private OverlayContent Describe(State state) => state.Content with
    {
        // Nothing is born meanwhile.
        Rate = "",
        Title = _name,
        Subtitle = (_files.Count > 1 ? $"{state.Index + 1} of {_files.Count}, ← → for the others  ·  " : "")
            + (state.Ids is null ? "encoding…" : $"{_model.Tokens} tokens of {_model.CodebookSize.ToString(CultureInfo.InvariantCulture)}"),
        StripCaption = state.Ids is null ? "" : string.Join("  ", state.Ids),
        Labels = [(state.Original, "original"), (state.Reconstructed, "reconstruction")],
    };

    /// <summary>All that is written about.</summary>
    private readonly record struct State(OverlayContent Content, int Index, int[]? Ids, Box Original, Box Reconstructed);
}
