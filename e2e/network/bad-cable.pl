# A bad cable between two segments, as a program: it joins two tap devices, and loses, delays and reorders what passes.
# (Not every kernel has netem, and Node cannot open a tap.) Says "up" when both are there, and its counts at the end.
#   bad-cable.pl TAP TAP LOSS DELAY JITTER    loss from 0 to 1; seconds; the same seed in every run
use strict;
use warnings;
use IO::Select;
use Time::HiRes 'time';

use constant { TUNSETIFF => 0x400454ca, IFF_TAP => 0x0002, IFF_NO_PI => 0x1000 };

sub tap {
    open my $tap, '+<', '/dev/net/tun' or die "/dev/net/tun: $!\n";
    my $request = pack 'a16 S x22', shift, IFF_TAP | IFF_NO_PI;
    ioctl $tap, TUNSETIFF, $request or die "TUNSETIFF: $!\n";
    return $tap;
}

my ($one, $two, $loss, $delay, $jitter) = @ARGV;
my @taps = (tap($one), tap($two));
my ($seen, $lost, $overtook) = (0, 0, 0);
my @waiting;    # [due, tap, frame, number], the next one first
srand 1;
$| = 1;
$SIG{TERM} = sub { print "$seen $lost $overtook\n"; exit };
print "up\n";

my $select = IO::Select->new(@taps);
my $latest = 0;
while (1) {
    my $wait = @waiting ? $waiting[0][0] - time : 1;
    for my $from ($select->can_read($wait > 0 ? $wait : 0)) {
        next unless sysread $from, my $frame, 4096;
        $seen++;
        if (rand() < $loss) { $lost++; next }
        my $to = $from == $taps[0] ? $taps[1] : $taps[0];
        push @waiting, [time + $delay + rand() * $jitter, $to, $frame, $seen];
        @waiting = sort { $a->[0] <=> $b->[0] } @waiting;
    }
    while (@waiting && $waiting[0][0] <= time) {
        my (undef, $to, $frame, $number) = @{ shift @waiting };
        syswrite $to, $frame;
        if ($number < $latest) { $overtook++ }
        else { $latest = $number }
    }
}
