using System.Collections.Immutable;
using System.Globalization;
using Titok.Demo.Drawing;
using Titok.Demo.Input;

namespace Titok.Demo.Scene;

/// <summary>Two pictures of the wall and between them one with some tokens of either.</summary>
internal sealed class MorphStage : Stage
{
    private const float SecondsAcross = 5;

    private readonly Wall _wall;
    private readonly WallPicture _from, _to;
    private readonly Story _fromStory, _toStory;
    private readonly ModelFacts _model;
    private readonly int[] _order;
    private readonly bool[] _isTo;
    private readonly Tile _mixed;
    private readonly Remembered<(OverlayContent Content, int Share, bool MovesByItself), OverlayContent> _description;
    private float _position;
    private float _direction = 1;
    private bool _movesByItself = true;
    private int? _decoded;
    private bool _isDecoding;

    /// <param name="wall">Wall that both are on.</param>
    /// <param name="from">One of them, done.</param>
    /// <param name="to">The other, done.</param>
    /// <param name="model">Their model.</param>
    /// <param name="slot">Place of the mixed picture in the store.</param>
    public MorphStage(Wall wall, WallPicture from, WallPicture to, ModelFacts model, int slot)
    {
        (_wall, _from, _to, _model, _mixed) = (wall, from, to, model, new Tile(slot) { BlendInSeconds = 0.12f, SettledTarget = 1 });
        _order = [.. Enumerable.Range(0, model.Tokens)];
        (_fromStory, _toStory) = (from.Story!, to.Story!);
        new Random((int)((_fromStory.Seed ^ _toStory.Seed) % int.MaxValue)).Shuffle(_order);
        _isTo = new bool[model.Tokens];
        Tiles = [.. wall.All.Select(picture => picture.Tile), _mixed];
        _description = new(state => state.Content with
        {
            // Nothing is born meanwhile.
            Rate = "",
            Title = "morph",
            Subtitle = $"{(model.Tokens - state.Share).ToString(CultureInfo.InvariantCulture)} tokens of {model.Label(_fromStory.Class)}, {state.Share.ToString(CultureInfo.InvariantCulture)} of {model.Label(_toStory.Class)}",
            StripCaption = state.MovesByItself ? "← → or drag along the tokens  ·  Esc goes back" : "Space plays it again  ·  Esc goes back",
        });
    }

    public override ImmutableArray<Tile> Tiles { get; }

    public override bool IsSelected(int tile) => Tiles[tile] == _mixed;

    public override TokenView Token(int index) => new(_isTo[index] ? Palette.Step(4, 6) : Palette.Step(0, 6), false);

    public override (string, Tile)? Made =>
        _mixed.HasPicture ? ($"morph-{_model.Label(_fromStory.Class)}-{_model.Label(_toStory.Class)}", _mixed) : null;

    private int Share => (int)MathF.Round(_position * _model.Tokens);

    public override void Arrange(Layout layout)
    {
        ImmutableArray<Box> three = layout.Grid(3);
        foreach (WallPicture picture in _wall.All)
            picture.Tile.IsShown = picture == _from || picture == _to;
        _from.Tile.MoveTo(three[0]);
        _mixed.MoveTo(three[1]);
        _to.Tile.MoveTo(three[2]);
    }

    public override void Advance(float seconds, double now)
    {
        if (_movesByItself)
        {
            _position += _direction * seconds / SecondsAcross;
            if (_position is < 0 or > 1)
                (_position, _direction) = (Math.Clamp(_position, 0, 1), -_direction);
        }
        for (int i = 0; i < _order.Length; i++)
            _isTo[_order[i]] = i < Share;
        base.Advance(seconds, now);
    }

    public override OverlayContent Describe(OverlayContent content) => _description.Of((content, Share, _movesByItself));

    public override WorkOrder? NextOrder(double now)
    {
        if (_isDecoding || _decoded == Share)
            return null;
        (_decoded, _isDecoding) = (Share, true);
        int[] ids = [.. _isTo.Select((isTo, i) => (isTo ? _toStory : _fromStory).Ids[i])];
        return new DecodeOrder(ids, _mixed, () => _isDecoding = false);
    }

    public override bool MayOrder => _movesByItself || _isDecoding || _decoded != Share;

    public override bool Apply(DemoAction action)
    {
        switch (action)
        {
            case DemoAction.Left or DemoAction.Right:
                (_movesByItself, _position) = (false, Math.Clamp((Share + (action == DemoAction.Left ? -1f : 1f)) / _model.Tokens, 0, 1));
                return true;
            case DemoAction.Pause:
                _movesByItself = !_movesByItself;
                return true;
            default:
                return false;
        }
    }

    public override void PressToken(int token, bool isDrag) => (_movesByItself, _position) = (false, (token + 0.5f) / _model.Tokens);
}
